import { PspFailure } from "./failures.ts";
import type { Journal } from "./journal.ts";
import type { Ledger, LedgerRow } from "./ledger.ts";
import type { Payment, PaymentRecord } from "./payment.ts";
import { hasCaptured, isOpen } from "./payment-rules.ts";

interface Windows {
  /** How long a buyer may take to authenticate. */
  readyMs: number;
  /** How long an authenticated payment waits for its confirm. */
  inProgressMs: number;
  /** A second cancel of one payment within this time is refused. */
  cancelGapMs: number;
}

export interface PaymentStore {
  readonly windows: Windows;
  size(): number;
  /** @throws PspFailure NOT_FOUND_PAYMENT */
  get(paymentKey: string): PaymentRecord;
  /** The payment of an order that holds or held money, else its newest. @throws PspFailure NOT_FOUND_PAYMENT */
  getByOrder(orderId: string): PaymentRecord;
  ofOrder(orderId: string): PaymentRecord[];
  add(record: PaymentRecord): void;
  /** Takes over a payment from an earlier run. */
  restore(record: PaymentRecord): void;
  /** Changes a payment and, in the same line of the journal, the ledger. */
  change(record: PaymentRecord, changes: Partial<Payment>, row?: Omit<LedgerRow, "seq">): void;
  /** Marks a payment whose confirm was accepted and runs later; it does not expire until released. */
  hold(record: PaymentRecord): () => void;
  isBusy(record: PaymentRecord): boolean;
  /** Expires payments whose window has closed. Reading a payment does so too; this is for those that are not read. */
  expireDue(): void;
}

export function createPaymentStore(deps: {
  ledger: Ledger;
  journal: Journal;
  windows: Windows;
  onStatus: (payment: Payment) => void;
}): PaymentStore {
  const { ledger, journal, windows } = deps;
  const byKey = new Map<string, PaymentRecord>();
  const byOrder = new Map<string, PaymentRecord[]>();
  const open = new Set<PaymentRecord>();
  const busy = new Set<PaymentRecord>();

  function remember(record: PaymentRecord): void {
    const { paymentKey, orderId, status } = record.payment;
    const known = byKey.get(paymentKey);
    const others = (byOrder.get(orderId) ?? []).filter(other => other !== known);
    byKey.set(paymentKey, record);
    byOrder.set(orderId, [...others, record]);
    if (known !== undefined) {
      open.delete(known);
    }
    if (isOpen(status)) {
      open.add(record);
    }
  }

  function change(record: PaymentRecord, changes: Partial<Payment>, row?: Omit<LedgerRow, "seq">): void {
    Object.assign(record.payment, changes);
    if (!isOpen(record.payment.status)) {
      open.delete(record);
    }
    journal.append({ kind: "payment", record, ...(row && { row: ledger.write(row) }) });
    deps.onStatus(record.payment);
  }

  function refresh(record: PaymentRecord): PaymentRecord {
    if (!busy.has(record) && isOverdue(record, windows, Date.now())) {
      change(record, expired);
    }
    return record;
  }

  const ofOrder = (orderId: string) => (byOrder.get(orderId) ?? []).map(refresh);

  return {
    windows,
    size: () => byKey.size,
    get(paymentKey) {
      const record = byKey.get(paymentKey);
      if (record === undefined) {
        throw new PspFailure("NOT_FOUND_PAYMENT");
      }
      return refresh(record);
    },
    getByOrder(orderId) {
      const records = ofOrder(orderId);
      const found = records.findLast(record => hasCaptured(record.payment.status)) ?? records.at(-1);
      if (found === undefined) {
        throw new PspFailure("NOT_FOUND_PAYMENT");
      }
      return found;
    },
    ofOrder,
    add(record) {
      remember(record);
      journal.append({ kind: "payment", record });
    },
    restore: remember,
    change,
    hold(record) {
      busy.add(record);
      return () => void busy.delete(record);
    },
    isBusy: record => busy.has(record),
    expireDue: () => [...open].forEach(refresh),
  };
}

export const expired: Partial<Payment> = {
  status: "EXPIRED",
  failure: { code: "EXPIRED_PAYMENT", message: "결제가 만료되었습니다. 다시 시도해주세요." },
};

function isOverdue(record: PaymentRecord, windows: Windows, nowMs: number): boolean {
  if (record.payment.status === "READY") {
    return nowMs - record.openedAtMs >= windows.readyMs;
  }
  if (record.payment.status !== "IN_PROGRESS") {
    return false;
  }
  return nowMs - (record.authenticatedAtMs ?? record.openedAtMs) >= windows.inProgressMs;
}
