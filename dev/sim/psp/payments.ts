import { randomBytes } from "node:crypto";
import { PspFailure } from "./failures.ts";
import { createRecord, type Method, type OpenRequest, type PaymentRecord } from "./payment.ts";
import { createVirtualAccount, methodDetails } from "./payment-methods.ts";
import {
  type CancelRequest,
  cancelMove,
  captureMove,
  checkCancel,
  hasCaptured,
  isOpen,
} from "./payment-rules.ts";
import type { PaymentStore } from "./payment-store.ts";

const minAmount = 100;
const maxAmount = 10_000_000;
const maxPayments = 200_000;
const maxPaymentsPerOrder = 50;

/** Opens the payment window; the same request finds its window open. */
export function openPayment(store: PaymentStore, request: OpenRequest): PaymentRecord {
  const records = store.ofOrder(request.orderId);
  if (records.some(({ payment }) => hasCaptured(payment.status))) {
    throw new PspFailure("DUPLICATED_ORDER_ID");
  }
  const same = records.findLast(record => record.payment.status === "READY" && isSame(record, request));
  if (same !== undefined) {
    return same;
  }
  if (request.amount < minAmount) {
    throw new PspFailure("BELOW_MINIMUM_AMOUNT");
  }
  if (request.amount > maxAmount) {
    throw new PspFailure("EXCEED_MAX_AMOUNT");
  }
  const full = store.size() >= maxPayments || records.length >= maxPaymentsPerOrder;
  if (full) {
    throw new PspFailure("FORBIDDEN_REQUEST");
  }
  const record = createRecord(request, createKey("qcpay_"));
  store.add(record);
  return record;
}

export function authenticate(store: PaymentStore, record: PaymentRecord, method: Method): void {
  record.authenticatedAtMs = Date.now();
  record.chosen = method;
  store.change(record, { status: "IN_PROGRESS", ...methodDetails(method, record.payment.totalAmount) });
}

export function abort(
  store: PaymentStore,
  record: PaymentRecord,
  failure: { code: string; message: string },
): void {
  if (isOpen(record.payment.status)) {
    store.change(record, { status: "ABORTED", failure });
  }
}

/** The payment to capture. Changes nothing. @throws PspFailure when it could not be captured now. */
export function checkConfirm(
  store: PaymentStore,
  request: { paymentKey: string; orderId: string; amount: number },
): PaymentRecord {
  const record = store.get(request.paymentKey);
  const { status, orderId, totalAmount } = record.payment;
  if (orderId !== request.orderId) {
    throw new PspFailure("NOT_FOUND_PAYMENT_SESSION");
  }
  if (totalAmount !== request.amount) {
    throw new PspFailure("FORBIDDEN_REQUEST");
  }
  if (status === "READY" || status === "EXPIRED") {
    throw new PspFailure("NOT_FOUND_PAYMENT_SESSION");
  }
  if (status !== "IN_PROGRESS") {
    throw new PspFailure("ALREADY_PROCESSED_PAYMENT");
  }
  const attempts = store.ofOrder(orderId);
  if (attempts.some(store.isBusy)) {
    throw new PspFailure("FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", "[S008] 기존 요청을 처리중입니다.");
  }
  if (attempts.some(({ payment }) => hasCaptured(payment.status))) {
    throw new PspFailure("DUPLICATED_ORDER_ID");
  }
  return record;
}

/** Takes the money; a virtual account is issued first and takes the deposit later. */
export function capture(store: PaymentStore, record: PaymentRecord): void {
  if (record.chosen === "declinedCard") {
    const refusal = new PspFailure("REJECT_CARD_PAYMENT");
    abort(store, record, { code: refusal.code, message: refusal.message });
    throw refusal;
  }
  if (record.chosen === "virtualAccount" && record.payment.status === "IN_PROGRESS") {
    const virtualAccount = createVirtualAccount(Date.now());
    store.change(record, { status: "WAITING_FOR_DEPOSIT", secret: createKey("ps_"), virtualAccount });
    return;
  }
  const entry = { transactionKey: createKey("txrd_"), atMs: Date.now() };
  const { changes, row } = captureMove(record.payment, entry);
  store.change(record, changes, row);
}

/** Refunds money; `gapMs` is the time that must have passed since the last cancel of this payment. */
export function cancel(
  store: PaymentStore,
  record: PaymentRecord,
  request: CancelRequest,
  gapMs = store.windows.cancelGapMs,
): void {
  const atMs = Date.now();
  const sinceLastMs = atMs - (record.lastCancelAtMs ?? Number.NEGATIVE_INFINITY);
  checkCancel(record.payment, request, { sinceLastMs, gapMs });
  record.lastCancelAtMs = atMs;
  if (record.payment.status === "WAITING_FOR_DEPOSIT") {
    store.change(record, { status: "CANCELED", balanceAmount: 0 });
    return;
  }
  const { changes, row } = cancelMove(record.payment, request, {
    transactionKey: createKey("txrd_"),
    atMs,
  });
  store.change(record, changes, row);
}

function isSame(record: PaymentRecord, request: OpenRequest): boolean {
  const { payment, successUrl, failUrl } = record;
  return (
    payment.totalAmount === request.amount && successUrl === request.successUrl && failUrl === request.failUrl
  );
}

function createKey(prefix: string): string {
  return prefix + randomBytes(16).toString("hex");
}
