import type { Transitions } from "#kit/contract/transitions.ts";
import type { PspAnswer, PspPayment } from "../psp/psp.ts";
import type { PackageLetter } from "./packages.ts";

export type ChargeState =
  | "ORDERED"
  | "CONFIRMING"
  | "CHARGED"
  | "FAILED"
  | "EXPIRED"
  | "CANCELLED"
  | "CLOSED";
export type DiscrepancyKind =
  | "CANCELLED_AT_PSP"
  | "MISSING_CREDIT"
  | "MISSING_PAYMENT"
  | "AMOUNT"
  | "UNREADABLE";

/**
 * CONFIRMING becomes ORDERED again when the PSP does not know the payment key. Every end without a payment becomes
 * CHARGED when the PSP later says that our amount was paid.
 */
export const chargeTransitions: Transitions<ChargeState> = {
  ORDERED: ["CONFIRMING", "CHARGED", "EXPIRED", "CANCELLED", "CLOSED"],
  CONFIRMING: ["ORDERED", "CHARGED", "FAILED", "EXPIRED", "CLOSED"],
  CHARGED: [],
  FAILED: ["CHARGED"],
  EXPIRED: ["CHARGED"],
  CANCELLED: ["CHARGED"],
  CLOSED: ["CHARGED"],
};

/** The payment keys of one order that the PSP may not know before no other is tried. */
export const unknownKeysMax = 5;

/** An order of points and its payment. Its task schedules the next check. */
export interface Charge {
  readonly chargeId: string;
  readonly userId: bigint;
  /** The PSP at which it is paid. */
  readonly provider: string;
  readonly package: PackageLetter;
  readonly amountPoints: bigint;
  readonly state: ChargeState;
  /** Null until a confirm, and again while the order is open after one whose key the PSP did not know. */
  readonly paymentKey: string | null;
  /** Counts the confirms that the PSP distinguishes, each by its own idempotency key. */
  readonly attempt: number;
  /** The PSP answered this attempt, so a repeat would only replay that answer. */
  readonly attemptAnswered: boolean;
  readonly idempotencyKey: string | null;
  readonly failureMessage: string;
  readonly receiptUrl: string;
  readonly createTime: Date;
  readonly expireTime: Date;
  readonly confirmTime: Date | null;
  readonly chargeTime: Date | null;
  /** When this was read, by the clock of the database, which decides what is overdue. */
  readonly readTime: Date;
}

/** Milliseconds in which it can still be paid. The time starts over when the buyer starts to pay. */
export function remainingMs({ createTime, expireTime, confirmTime, readTime }: ChargeTimes): number {
  const lifetimeMs = expireTime.getTime() - createTime.getTime();
  return Math.max(0, (confirmTime ?? createTime).getTime() + lifetimeMs - readTime.getTime());
}

type ChargeTimes = Pick<Charge, "createTime" | "expireTime" | "confirmTime" | "readTime">;

/** What the rules need to know of a charge. */
export type JudgedCharge = ChargeTimes &
  Pick<Charge, "state" | "amountPoints" | "paymentKey" | "attempt" | "attemptAnswered">;

/**
 * What to do next about a charge. `find` and `confirm` ask the PSP; everything else ends the reconciliation for now.
 */
export type Step =
  | { readonly do: "find" }
  | { readonly do: "confirm"; readonly attempt: number }
  | { readonly do: "credit"; readonly payment: PspPayment }
  | { readonly do: "fail"; readonly code: string; readonly message: string }
  | { readonly do: "expire" }
  | { readonly do: "report"; readonly kind: DiscrepancyKind; readonly pspAmountPoints: bigint }
  | { readonly do: "reopen" }
  | { readonly do: "wait"; readonly error: string }
  | { readonly do: "release" };

/** What follows from the answer to a `find`. Only a `find` can make a charge fail or start a new attempt. */
export function afterFind(charge: JudgedCharge, answer: PspAnswer): Step {
  switch (answer.outcome) {
    case "succeeded":
      return judgeCapture(charge, answer.payment);
    case "reversed":
      return judgeReversal(charge, answer.payment);
    case "unknown":
    case "unknownKey":
      // An operator closed the charge because this may never change.
      return charge.state === "CLOSED" ? { do: "release" } : { do: "wait", error: describe(answer) };
    case "declined":
    case "notYet":
      return judgeNothingTaken(charge, answer);
  }
}

/**
 * What follows from the answer to a `confirm`. Any answer except a capture and an unknown key is checked by a `find`.
 */
export function afterConfirm(charge: JudgedCharge, answer: PspAnswer): Step {
  switch (answer.outcome) {
    case "succeeded":
      return judgeCapture(charge, answer.payment);
    case "unknownKey":
      return { do: "reopen" };
    case "declined":
    case "reversed":
      return { do: "find" };
    case "notYet":
    case "unknown":
      return { do: "wait", error: describe(answer) };
  }
}

/** True where the PSP finished the request and would replay this answer under the same key. */
export function answersAttempt(answer: PspAnswer): boolean {
  return answer.outcome === "unknown"
    ? answer.code !== undefined && answer.cause !== "running"
    : answer.outcome !== "succeeded";
}

function judgeCapture(charge: JudgedCharge, payment: PspPayment): Step {
  if (payment.amountPoints !== charge.amountPoints) {
    return { do: "report", kind: "AMOUNT", pspAmountPoints: payment.amountPoints };
  }
  if (charge.paymentKey !== null && payment.paymentKey !== charge.paymentKey) {
    return { do: "report", kind: "MISSING_CREDIT", pspAmountPoints: payment.amountPoints };
  }
  return charge.state === "CHARGED" ? { do: "release" } : { do: "credit", payment };
}

function judgeReversal(charge: JudgedCharge, { balancePoints }: PspPayment): Step {
  if (charge.state === "CHARGED") {
    return { do: "report", kind: "CANCELLED_AT_PSP", pspAmountPoints: balancePoints };
  }
  if (balancePoints > 0n) {
    return { do: "report", kind: "AMOUNT", pspAmountPoints: balancePoints };
  }
  if (charge.state === "CONFIRMING") {
    return { do: "fail", code: "CANCELLED_AT_PSP", message: "" };
  }
  return expireOrRelease(charge);
}

type NothingTaken = Extract<PspAnswer, { outcome: "declined" | "notYet" }>;

function judgeNothingTaken(charge: JudgedCharge, answer: NothingTaken): Step {
  if (charge.state === "CHARGED") {
    return { do: "report", kind: "MISSING_PAYMENT", pspAmountPoints: 0n };
  }
  if (charge.state !== "CONFIRMING") {
    return expireOrRelease(charge);
  }
  const ours = answer.payment?.paymentKey === charge.paymentKey ? answer.payment : undefined;
  if (answer.outcome === "declined" && ours !== undefined) {
    return { do: "fail", code: answer.code, message: answer.message };
  }
  if (remainingMs(charge) === 0) {
    return ours?.status === "authorized" ? { do: "wait", error: describe(answer) } : { do: "expire" };
  }
  if (ours?.status === "awaitingDeposit") {
    return { do: "wait", error: describe(answer) };
  }
  // An answer that is not about our payment says nothing about it; a confirm with our key will.
  return { do: "confirm", attempt: charge.attemptAnswered ? charge.attempt + 1 : charge.attempt };
}

function expireOrRelease(charge: JudgedCharge): Step {
  return charge.state === "ORDERED" && remainingMs(charge) === 0 ? { do: "expire" } : { do: "release" };
}

function describe(answer: PspAnswer): string {
  switch (answer.outcome) {
    case "unknown":
      return answer.code === undefined ? answer.cause : `${answer.cause}: ${answer.code}`;
    case "declined":
      return `declined: ${answer.code}`;
    case "unknownKey":
      return "unknown payment key";
    default:
      return `${answer.outcome}: ${answer.payment?.status ?? "no payment"}`;
  }
}
