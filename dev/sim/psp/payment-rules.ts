import { PspFailure } from "./failures.ts";
import type { LedgerRow } from "./ledger.ts";
import { type Cancel, koreanTime, type Payment, type PaymentStatus } from "./payment.ts";

export interface CancelRequest {
  /** Absent: all that is left. */
  amount: number | undefined;
  reason: string;
  /** The balance that the caller expects. */
  refundableAmount?: number | undefined;
}

/** A movement of money: how the payment changes, and the row for the ledger. */
interface Move {
  changes: Partial<Payment>;
  row: Omit<LedgerRow, "seq">;
}

export function isOpen(status: PaymentStatus): boolean {
  return status === "READY" || status === "IN_PROGRESS";
}

/** Whether the order of such a payment is taken: its money is captured, was captured, or is promised. */
export function hasCaptured(status: PaymentStatus): boolean {
  return ["DONE", "PARTIAL_CANCELED", "CANCELED", "WAITING_FOR_DEPOSIT"].includes(status);
}

export function captureMove(payment: Payment, entry: { transactionKey: string; atMs: number }): Move {
  const { transactionKey, atMs } = entry;
  return {
    changes: {
      status: "DONE",
      approvedAt: koreanTime(atMs),
      lastTransactionKey: transactionKey,
      receipt: { url: `https://dashboard.tosspayments.example/receipt/${transactionKey}` },
    },
    row: {
      kind: "capture",
      status: "DONE",
      transactionKey,
      atMs,
      ...paymentFields(payment),
      amount: payment.totalAmount,
    },
  };
}

/** @throws PspFailure when this cancel may not be made now. */
export function checkCancel(
  payment: Payment,
  request: CancelRequest,
  pace: { sinceLastMs: number; gapMs: number },
): void {
  const { status, balanceAmount } = payment;
  if (status === "CANCELED") {
    throw new PspFailure("ALREADY_CANCELED_PAYMENT");
  }
  if (status === "WAITING_FOR_DEPOSIT" && request.amount !== undefined) {
    throw new PspFailure("NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT");
  }
  if (!hasCaptured(status)) {
    throw new PspFailure("NOT_CANCELABLE_PAYMENT");
  }
  if (pace.sinceLastMs < pace.gapMs) {
    throw new PspFailure("FORBIDDEN_CONSECUTIVE_REQUEST");
  }
  if (request.refundableAmount !== undefined && request.refundableAmount !== balanceAmount) {
    throw new PspFailure("NOT_MATCHES_REFUNDABLE_AMOUNT");
  }
  if ((request.amount ?? balanceAmount) > balanceAmount) {
    throw new PspFailure("NOT_CANCELABLE_AMOUNT");
  }
}

export function cancelMove(
  payment: Payment,
  request: CancelRequest,
  entry: { transactionKey: string; atMs: number },
): Move {
  const { transactionKey, atMs } = entry;
  const amount = request.amount ?? payment.balanceAmount;
  const balanceAmount = payment.balanceAmount - amount;
  const status = balanceAmount === 0 ? "CANCELED" : "PARTIAL_CANCELED";
  const cancel: Cancel = {
    transactionKey,
    cancelReason: request.reason,
    canceledAt: koreanTime(atMs),
    cancelAmount: amount,
    taxFreeAmount: 0,
    refundableAmount: balanceAmount,
    cancelStatus: "DONE",
    receiptKey: null,
  };
  return {
    changes: {
      status,
      balanceAmount,
      lastTransactionKey: transactionKey,
      cancels: [...(payment.cancels ?? []), cancel],
    },
    row: { kind: "cancel", status, transactionKey, atMs, ...paymentFields(payment), amount },
  };
}

function paymentFields({ paymentKey, orderId, method }: Payment) {
  return { paymentKey, orderId, method: method ?? "" };
}
