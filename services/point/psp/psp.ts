import type { ConfigSchema } from "#kit/process/config.ts";

/** A PSP as the point service sees it. One point is one KRW. */
export interface Psp {
  /** Recorded by charges as their provider; also the last segment of the webhook's path. */
  readonly name: string;
  /**
   * Reads the current state of a charge at the PSP. Of several attempts at one charge it returns the one that took
   * money; the caller compares amount and payment key with its own.
   */
  find(chargeId: string, signal?: AbortSignal): Promise<PspAnswer>;
  /**
   * Captures an authorized payment. A repeat with the same key is answered like the first call, temporary refusals
   * included. Where the PSP has captured it before, the answer is that of `find`.
   * Throws RangeError for an amount that is not positive or above 2^53.
   */
  confirm(request: PspConfirm, signal?: AbortSignal): Promise<PspAnswer>;
  /** Refunds money. Every cancel needs its own idempotency key, which only its repeats share. */
  cancel(request: PspCancel, signal?: AbortSignal): Promise<PspAnswer>;
  /**
   * Captures and cancels of one Korean day (`YYYY-MM-DD`), oldest first. A row that cannot be read is named, and the
   * list goes on. Throws where the PSP does not answer.
   */
  listTransactions(day: string, signal?: AbortSignal): AsyncIterable<PspTransaction | PspUnreadable>;
  /**
   * The charge that a webhook is about, or undefined where the webhook is of another kind or its signature is wrong.
   * Never throws.
   */
  parseWebhook(headers: PspHeaders, rawBody: Uint8Array): PspWebhook | undefined;
  /** The HTTP status of the answer to a webhook, which decides whether the PSP repeats it. */
  webhookStatus(outcome: WebhookOutcome): number;
  checkout(order: PspOrder): PspCheckout;
  readonly returnNames: PspReturnNames;
}

/**
 * - `succeeded`: done as asked; money was captured in full (confirm, find) or refunded (cancel).
 * - `declined`: the PSP will not do it. Only `find` is proof that a charge has failed.
 * - `notYet`: no money has moved. Without `payment` the PSP does not know this charge.
 * - `reversed`: captured once, then canceled in part or in full at the PSP; see `payment.balancePoints`.
 * - `unknownKey` (confirm): no payment of this key could pay this charge, and none did; another key may.
 * - `unknown`: anything may have happened; ask again.
 */
export type PspAnswer =
  | { outcome: "succeeded"; payment: PspPayment }
  | { outcome: "declined"; code: string; message: string; payment?: PspPayment }
  | { outcome: "notYet"; payment?: PspPayment }
  | { outcome: "reversed"; payment: PspPayment }
  | { outcome: "unknownKey" }
  | { outcome: "unknown"; cause: PspUnknownCause; code?: string };

/**
 * `running`: the first call under this key has not ended; `temporary`: a fault of the PSP that will pass;
 * `timeout` and `connection`: the answer was lost; `stopped`: we stopped waiting for it; `malformed`: the answer could
 * not be parsed; `mismatch`: it is about another payment or amount; `refused`: our request or configuration is wrong.
 */
type PspUnknownCause =
  | "running"
  | "temporary"
  | "timeout"
  | "connection"
  | "stopped"
  | "malformed"
  | "mismatch"
  | "refused";

export interface PspPayment {
  chargeId: string;
  /** What its checkout said; undefined where the PSP does not say. The buyer's browser passed it on. */
  owner: PspOwner | undefined;
  paymentKey: string;
  status: PspPaymentStatus;
  amountPoints: bigint;
  /** What is still captured and could be canceled. */
  balancePoints: bigint;
  method: string | undefined;
  approvedAt: Date | undefined;
  receiptUrl: string | undefined;
  cancels: { transactionKey: string; amountPoints: bigint; reason: string }[];
}

/** `authorized` also covers a capture in flight: PSPs do not distinguish the two. */
export type PspPaymentStatus =
  | "opened"
  | "authorized"
  | "awaitingDeposit"
  | "captured"
  | "partlyCancelled"
  | "cancelled"
  | "aborted"
  | "expired";

export interface PspConfirm {
  chargeId: string;
  paymentKey: string;
  amountPoints: bigint;
  idempotencyKey: string;
}

export interface PspCancel {
  paymentKey: string;
  amountPoints: bigint;
  reason: string;
  idempotencyKey: string;
  /** The balance that the caller expects; the PSP refuses the cancel if it differs. */
  expectedBalancePoints?: bigint;
}

export interface PspTransaction {
  transactionKey: string;
  paymentKey: string;
  chargeId: string;
  kind: "capture" | "cancel";
  amountPoints: bigint;
  at: Date;
}

/** A row of a list of transactions that could not be read. */
export interface PspUnreadable {
  kind: "unreadable";
  /** Its order id where that can be read, else what else tells it from other rows; 64 ASCII characters at most. */
  reference: string;
  detail: string;
}

/** A reason to run `find` for this charge; its content must not be trusted. */
export interface PspWebhook {
  chargeId: string;
}

/** `accepted`: a recheck was requested; `ignored`: it is about no charge of ours; `limited`: too many arrived. */
export type WebhookOutcome = "accepted" | "ignored" | "limited";

type PspHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Kept by the PSP with the payment, so that of a charge which we lost can be told whose it was. */
interface PspOwner {
  userId: bigint;
  /** No proof unless it is verified. */
  signature?: string | undefined;
}

/** An order that is about to be paid. */
export interface PspOrder {
  chargeId: string;
  owner: Required<PspOwner>;
  amountPoints: bigint;
  /** Shown on the payment page. */
  orderName: string;
  /** Where the PSP sends the buyer afterwards. */
  successUrl: URL;
  failUrl: URL;
}

export interface PspCheckout {
  /** The payment page of this order. */
  url: string;
  /** The public key of the shop at the PSP. */
  clientKey: string;
}

/** The query parameters that the PSP adds when it redirects a buyer who has paid. */
export interface PspReturnNames {
  readonly chargeId: string;
  readonly paymentKey: string;
  readonly amountPoints: string;
}

/** What the folder of a PSP exports: its variables, and how a Psp is opened with their values. */
export interface PspAdapter {
  readonly config: ConfigSchema;
  open(config: never, options: PspOptions): Psp;
}

export interface PspOptions {
  readonly log: PspLog;
}

export interface PspLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
