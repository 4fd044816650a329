import type { PgAnswer, PgPayment } from "./pg/pg.ts";

export const chargeStates = ["ORDERED", "CONFIRMING", "CHARGED", "FAILED", "EXPIRED"] as const;
export type ChargeState = (typeof chargeStates)[number];
export type DiscrepancyKind = "CANCELLED_AT_GATEWAY" | "MISSING_CREDIT" | "MISSING_PAYMENT" | "AMOUNT";

/** Where a charge may go from each state. */
export const nextStates: Record<ChargeState, readonly ChargeState[]> = {
  ORDERED: ["CONFIRMING", "CHARGED", "EXPIRED"],
  CONFIRMING: ["CHARGED", "FAILED", "EXPIRED"],
  CHARGED: [],
  FAILED: ["CHARGED"],
  EXPIRED: ["CHARGED"],
};

/** What the rules need to know of a charge. */
export interface AskedCharge {
  readonly state: ChargeState;
  readonly amountPoints: bigint;
  /** Known from the first confirm on. */
  readonly paymentKey: string | undefined;
  /** Together with the charge id this is the idempotency key at the gateway. */
  readonly attempt: number;
  /** The gateway answered this attempt, so that it would only replay that answer. */
  readonly attemptAnswered: boolean;
  /** Nothing can be paid any more that is not authorised now. */
  readonly overdue: boolean;
}

/** What to do next about a charge. `find` and `confirm` ask the gateway; everything else ends the pursuit for now. */
export type Step =
  | { readonly do: "find" }
  | { readonly do: "confirm"; readonly attempt: number }
  | { readonly do: "credit"; readonly payment: PgPayment }
  | { readonly do: "fail"; readonly code: string; readonly message: string }
  | { readonly do: "expire" }
  | { readonly do: "report"; readonly kind: DiscrepancyKind; readonly gatewayAmountPoints: bigint }
  | { readonly do: "wait"; readonly error: string }
  | { readonly do: "rest" };

/** What a `find` tells us to do. Only from here a charge fails or gets a new attempt. */
export function afterFind(charge: AskedCharge, answer: PgAnswer): Step {
  switch (answer.outcome) {
    case "succeeded":
      return judgeCapture(charge, answer.payment);
    case "reversed":
      return judgeReversal(charge, answer.payment);
    case "unknown":
      return { do: "wait", error: describe(answer) };
    case "declined":
    case "notYet":
      return judgeNothingTaken(charge, answer);
  }
}

/** What the answer to a `confirm` tells us to do. Anything but money is checked by a `find`. */
export function afterConfirm(charge: AskedCharge, answer: PgAnswer): Step {
  switch (answer.outcome) {
    case "succeeded":
      return judgeCapture(charge, answer.payment);
    case "declined":
    case "reversed":
      return { do: "find" };
    case "notYet":
    case "unknown":
      return { do: "wait", error: describe(answer) };
  }
}

/** True where the gateway finished the request and would replay this answer under the same key. */
export function answersAttempt(answer: PgAnswer): boolean {
  return answer.outcome === "unknown"
    ? answer.code !== undefined && answer.cause !== "running"
    : answer.outcome !== "succeeded";
}

function judgeCapture(charge: AskedCharge, payment: PgPayment): Step {
  if (payment.amountPoints !== charge.amountPoints) {
    return { do: "report", kind: "AMOUNT", gatewayAmountPoints: payment.amountPoints };
  }
  if (charge.paymentKey !== undefined && payment.paymentKey !== charge.paymentKey) {
    return { do: "report", kind: "MISSING_CREDIT", gatewayAmountPoints: payment.amountPoints };
  }
  return charge.state === "CHARGED" ? { do: "rest" } : { do: "credit", payment };
}

function judgeReversal(charge: AskedCharge, { balancePoints }: PgPayment): Step {
  if (charge.state === "CHARGED") {
    return { do: "report", kind: "CANCELLED_AT_GATEWAY", gatewayAmountPoints: balancePoints };
  }
  if (balancePoints > 0n) {
    return { do: "report", kind: "AMOUNT", gatewayAmountPoints: balancePoints };
  }
  if (charge.state === "CONFIRMING") {
    return { do: "fail", code: "CANCELLED_AT_GATEWAY", message: "" };
  }
  return charge.state === "ORDERED" && charge.overdue ? { do: "expire" } : { do: "rest" };
}

type NothingTaken = Extract<PgAnswer, { outcome: "declined" | "notYet" }>;

function judgeNothingTaken(charge: AskedCharge, answer: NothingTaken): Step {
  if (charge.state === "ORDERED") {
    return charge.overdue ? { do: "expire" } : { do: "rest" };
  }
  if (charge.state !== "CONFIRMING") {
    return { do: "rest" };
  }
  const isAboutOurs = answer.payment?.paymentKey === charge.paymentKey;
  if (answer.outcome === "declined" && isAboutOurs) {
    return { do: "fail", code: answer.code, message: answer.message };
  }
  const isAuthorised = isAboutOurs && answer.payment?.status === "authorised";
  if (charge.overdue) {
    return isAuthorised ? { do: "wait", error: describe(answer) } : { do: "expire" };
  }
  // About another payment of the same order the gateway told nothing of ours, and asking to confirm ours brings it out.
  const isAboutAnother = answer.payment !== undefined && !isAboutOurs;
  if (isAuthorised || isAboutAnother) {
    return { do: "confirm", attempt: charge.attemptAnswered ? charge.attempt + 1 : charge.attempt };
  }
  return { do: "wait", error: describe(answer) };
}

function describe(answer: PgAnswer): string {
  switch (answer.outcome) {
    case "unknown":
      return answer.code === undefined ? answer.cause : `${answer.cause}: ${answer.code}`;
    case "declined":
      return `declined: ${answer.code}`;
    default:
      return `${answer.outcome}: ${answer.payment?.status ?? "no payment"}`;
  }
}
