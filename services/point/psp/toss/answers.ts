/**
 * What a code of Toss means for the charge or cancel that it answers:
 * - `declined`: a final refusal; no money moved.
 * - `query`: this request did nothing, but an earlier one may have; ask for the payment.
 * - `running`: the first request under this key has not ended; ask again later.
 * - `temporary`: the outcome is unknown; ask again later.
 * - `refused`: our request or our configuration is wrong. The outcome is unknown, and an operator must act.
 *
 * The HTTP status does not tell these apart: ALREADY_PROCESSED_PAYMENT and PROVIDER_ERROR are both 400.
 */
type TossMeaning = "declined" | "query" | "running" | "temporary" | "refused";

const declined = [
  "BELOW_MINIMUM_AMOUNT",
  "EXCEED_MAX_AMOUNT",
  "EXCEED_MAX_AUTH_COUNT",
  "EXCEED_MAX_CARD_INSTALLMENT_PLAN",
  "EXCEED_MAX_DAILY_PAYMENT_COUNT",
  "EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT",
  "EXCEED_MAX_ONE_DAY_AMOUNT",
  "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT",
  "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT",
  "EXCEED_MAX_PAYMENT_AMOUNT",
  "EXCEED_MAX_REFUND_DUE",
  "FDS_ERROR",
  "INVALID_ACCOUNT_INFO_RE_REGISTER",
  "INVALID_AUTHORIZE_AUTH",
  "INVALID_CARD_EXPIRATION",
  "INVALID_CARD_INSTALLMENT_PLAN",
  "INVALID_CARD_LOST_OR_STOLEN",
  "INVALID_CARD_NUMBER",
  "INVALID_PASSWORD",
  "INVALID_REJECT_CARD",
  "INVALID_STOPPED_CARD",
  "NOT_ALLOWED_PARTIAL_REFUND",
  "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT",
  "NOT_ALLOWED_POINT_USE",
  "NOT_AVAILABLE_BANK",
  "NOT_AVAILABLE_PAYMENT",
  "NOT_CANCELABLE_AMOUNT",
  "NOT_CANCELABLE_PAYMENT",
  "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER",
  "NOT_MATCHES_REFUNDABLE_AMOUNT",
  "NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT",
  "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN",
  "REFUND_REJECTED",
  "REJECT_ACCOUNT_PAYMENT",
  "REJECT_CARD_COMPANY",
  "REJECT_CARD_PAYMENT",
  "REJECT_TOSSPAY_INVALID_ACCOUNT",
  "RESTRICTED_TRANSFER_ACCOUNT",
] as const;

const query = [
  "ALREADY_CANCELED_PAYMENT",
  "ALREADY_PROCESSED_PAYMENT",
  "ALREADY_REFUND_PAYMENT",
  "DUPLICATED_ORDER_ID",
  "NOT_FOUND_PAYMENT",
  "NOT_FOUND_PAYMENT_SESSION",
] as const;

const running = ["IDEMPOTENT_REQUEST_PROCESSING"] as const;

const temporary = [
  "CARD_PROCESSING_ERROR",
  "COMMON_ERROR",
  "FAILED_DB_PROCESSING",
  "FAILED_INTERNAL_SYSTEM_PROCESSING",
  "FAILED_METHOD_HANDLING_CANCEL",
  "FAILED_PARTIAL_REFUND",
  "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING",
  "FAILED_REFUND_PROCESS",
  "FORBIDDEN_CONSECUTIVE_REQUEST",
  "PROVIDER_ERROR",
  "TOO_MANY_REQUESTS",
  "UNKNOWN_PAYMENT_ERROR",
] as const;

const refused = [
  "FORBIDDEN_REQUEST",
  "INCORRECT_BASIC_AUTH_FORMAT",
  "INVALID_API_KEY",
  "INVALID_IDEMPOTENCY_KEY",
  "INVALID_REQUEST",
  "INVALID_UNREGISTERED_SUBMALL",
  "NOT_FOUND",
  "NOT_FOUND_TERMINAL_ID",
  "NOT_REGISTERED_BUSINESS",
  "UNAPPROVED_ORDER_ID",
  "UNAUTHORIZED_KEY",
] as const;

export const tossAnswers: ReadonlyMap<string, TossMeaning> = new Map<string, TossMeaning>([
  ...declined.map(code => [code, "declined"] as const),
  ...query.map(code => [code, "query"] as const),
  ...running.map(code => [code, "running"] as const),
  ...temporary.map(code => [code, "temporary"] as const),
  ...refused.map(code => [code, "refused"] as const),
]);

/** A code that is not listed proves nothing, so its outcome is unknown. */
export function meaningOf(code: string): TossMeaning {
  return tossAnswers.get(code) ?? "temporary";
}

/** True for a code whose cause may be the payment key: it is worth asking for the payment of this key. */
export function mayBlameKey(code: string): boolean {
  const meaning = tossAnswers.get(code);
  return meaning === undefined || meaning === "query" || meaning === "refused";
}
