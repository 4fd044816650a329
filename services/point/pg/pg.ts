/** A payment gateway as the point service sees it. One point is one KRW. */
export interface Pg {
  /**
   * What the gateway knows of a charge now. Never changes anything there. Of several attempts at one charge it answers
   * for the one that took money; the caller compares amount and payment key with its own.
   */
  find(chargeId: string): Promise<PgAnswer>;
  /**
   * Captures an authorised payment. A repeat with the same key is answered like the first call, passing refusals
   * included. When the gateway says that it was done before, the answer is that of `find`.
   * Throws RangeError for an amount that is not positive or above 2^53.
   */
  confirm(request: PgConfirm): Promise<PgAnswer>;
  /** Gives money back. Every cancel needs a key of its own; only its repeats share it. */
  cancel(request: PgCancel): Promise<PgAnswer>;
  /** Captures and cancels of one Korean day (`YYYY-MM-DD`), oldest first. Throws when the gateway cannot tell. */
  listTransactions(day: string): AsyncIterable<PgTransaction>;
  /** The charge that a webhook is about, or undefined when the body is nothing we know. Throws nothing. */
  verifyWebhook(headers: PgHeaders, rawBody: Uint8Array): PgWebhook | undefined;
}

/**
 * - `succeeded`: done as asked; money was captured in full (confirm, find) or given back (cancel).
 * - `declined`: the gateway will not do it. Only `find` is proof that a charge has failed.
 * - `notYet`: no money has moved. Without `payment` the gateway knows nothing of this charge.
 * - `reversed`: captured once, then cancelled in part or in full at the gateway; see `payment.balancePoints`.
 * - `unknown`: anything may have happened; ask again.
 */
export type PgAnswer =
  | { outcome: "succeeded"; payment: PgPayment }
  | { outcome: "declined"; code: string; message: string; payment?: PgPayment }
  | { outcome: "notYet"; payment?: PgPayment }
  | { outcome: "reversed"; payment: PgPayment }
  | { outcome: "unknown"; cause: PgUnknownCause; code?: string };

/**
 * `running`: the first call under this key has not ended; `temporary`: the gateway's own passing fault; `timeout` and
 * `connection`: the answer was lost; `malformed`: the answer made no sense; `mismatch`: the answer is about other money
 * than ours; `refused`: our request or configuration is wrong.
 */
export type PgUnknownCause =
  | "running"
  | "temporary"
  | "timeout"
  | "connection"
  | "malformed"
  | "mismatch"
  | "refused";

export interface PgPayment {
  chargeId: string;
  paymentKey: string;
  status: PgPaymentStatus;
  amountPoints: bigint;
  /** What is still captured and could be cancelled. */
  balancePoints: bigint;
  method: string | undefined;
  approvedAt: Date | undefined;
  receiptUrl: string | undefined;
  cancels: { transactionKey: string; amountPoints: bigint; reason: string }[];
}

/** `authorised` also covers a capture under way: gateways do not tell the two apart. */
export type PgPaymentStatus =
  | "opened"
  | "authorised"
  | "awaitingDeposit"
  | "captured"
  | "partlyCancelled"
  | "cancelled"
  | "aborted"
  | "expired";

export interface PgConfirm {
  chargeId: string;
  paymentKey: string;
  amountPoints: bigint;
  idempotencyKey: string;
}

export interface PgCancel {
  paymentKey: string;
  amountPoints: bigint;
  reason: string;
  idempotencyKey: string;
  /** The balance that the caller believes in; the gateway refuses the cancel when it is another. */
  expectedBalancePoints?: bigint;
}

export interface PgTransaction {
  transactionKey: string;
  paymentKey: string;
  chargeId: string;
  kind: "capture" | "cancel";
  amountPoints: bigint;
  at: Date;
}

/** A hint to run `find` for this charge; nothing in it may be believed. */
export interface PgWebhook {
  chargeId: string;
}

export type PgHeaders = Readonly<Record<string, string | string[] | undefined>>;
