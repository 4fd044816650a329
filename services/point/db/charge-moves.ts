import type { Queryable, Tx } from "#kit/data/database.ts";
import { raw } from "#kit/data/sql.ts";
import { type Move, moveState } from "#kit/data/state-machine.ts";
import { type Charge, type ChargeState, chargeTransitions, unknownKeysMax } from "../domain/charge-rules.ts";
import type { PspPayment } from "../psp/psp.ts";

/**
 * Starts the confirmation of an order. Returns false where it is no longer an open order, or too many of its payment
 * keys were unknown.
 */
export function startConfirm(tx: Tx, { chargeId, attempt }: Charge, paymentKey: string): Promise<boolean> {
  return move(tx, {
    to: "CONFIRMING",
    where: {
      sql: "charge_id = ? AND attempt = ? AND expire_time > NOW(6) AND unknown_keys < ?",
      values: [chargeId, attempt, unknownKeysMax],
    },
    set: {
      paymentKey,
      attempt: attempt + 1,
      attemptAnswered: false,
      idempotencyKey: idempotencyKeyOf(chargeId, attempt + 1),
      confirmTime: raw("NOW(6)"),
    },
  });
}

/** Makes a charge whose payment key the PSP does not know an order again. Returns false where it was moved before. */
export function reopen(tx: Tx, charge: Charge): Promise<boolean> {
  return move(tx, {
    to: "ORDERED",
    where: sameKey(charge),
    set: {
      paymentKey: null,
      idempotencyKey: null,
      attemptAnswered: false,
      confirmTime: null,
      unknownKeys: raw("unknown_keys + 1"),
    },
  });
}

/** Cancels an order for its buyer. Returns false where it is not an open order. */
export function markCancelled(tx: Tx, chargeId: string): Promise<boolean> {
  return move(tx, { to: "CANCELLED", where: { sql: "charge_id = ?", values: [chargeId] } });
}

/** Closes a charge that should have an outcome and has none. Returns false for any other. */
export function markClosed(tx: Tx, chargeId: string): Promise<boolean> {
  return move(tx, {
    to: "CLOSED",
    where: { sql: "charge_id = ? AND (state = 'CONFIRMING' OR expire_time <= NOW(6))", values: [chargeId] },
  });
}

/** Marks a charge as paid. Returns the time, or undefined where it was paid before or belongs to another payment. */
export async function markCharged(
  tx: Tx,
  { chargeId, amountPoints }: Charge,
  { paymentKey, receiptUrl, approvedAt }: PspPayment,
): Promise<Date | undefined> {
  const moved = await move(tx, {
    to: "CHARGED",
    where: {
      sql: "charge_id = ? AND amount_points = ? AND (payment_key IS NULL OR payment_key = ?)",
      values: [chargeId, amountPoints, paymentKey],
    },
    set: {
      paymentKey,
      receiptUrl: receiptUrl ?? "",
      failureCode: null,
      failureMessage: "",
      approveTime: approvedAt ?? raw("NOW(6)"),
      chargeTime: raw("NOW(6)"),
    },
  });
  if (!moved) {
    return undefined;
  }
  const [row] = await tx.query<{ chargeTime: Date }>("SELECT charge_time FROM charge WHERE charge_id = ?", [
    chargeId,
  ]);
  return row?.chargeTime;
}

/** Ends a confirmation that the PSP declined. Returns false where it has ended in another way. */
export function markFailed(
  tx: Tx,
  charge: Charge,
  { code, message }: { code: string; message: string },
): Promise<boolean> {
  return move(tx, {
    to: "FAILED",
    where: sameKey(charge),
    set: { failureCode: code.slice(0, 200), failureMessage: (message === "" ? code : message).slice(0, 500) },
  });
}

/** Ends a charge that was not paid in time. Returns false where its state has changed meanwhile. */
export function markExpired(tx: Tx, charge: Charge): Promise<boolean> {
  const { sql, values } = sameKey(charge);
  return move(tx, {
    to: "EXPIRED",
    from: [charge.state],
    where: { sql: `${sql} AND expire_time <= NOW(6)`, values },
  });
}

// An order may have been opened again and be paid with another key meanwhile.
function sameKey({ chargeId, paymentKey }: Charge) {
  return { sql: "charge_id = ? AND payment_key <=> ?", values: [chargeId, paymentKey] };
}

async function move(tx: Tx, one: Omit<Move<ChargeState>, "table" | "transitions">): Promise<boolean> {
  return (await moveState(tx, { table: "charge", transitions: chargeTransitions, ...one })) === 1;
}

/**
 * Stores the next attempt before the PSP is called. Returns its idempotency key, or undefined where the state of the
 * charge has changed meanwhile.
 */
export async function startNextAttempt(
  on: Queryable,
  { chargeId }: Charge,
  attempt: number,
): Promise<string | undefined> {
  const idempotencyKey = idempotencyKeyOf(chargeId, attempt);
  const { affectedRows } = await on.execute(
    `UPDATE charge SET attempt = ?, attempt_answered = FALSE, idempotency_key = ?
      WHERE charge_id = ? AND state = 'CONFIRMING' AND attempt = ?`,
    [attempt, idempotencyKey, chargeId, attempt - 1],
  );
  return affectedRows === 1 ? idempotencyKey : undefined;
}

/** Records that the PSP answered this attempt. */
export async function markAnswered(on: Queryable, { chargeId }: Charge, attempt: number): Promise<void> {
  await on.execute("UPDATE charge SET attempt_answered = TRUE WHERE charge_id = ? AND attempt = ?", [
    chargeId,
    attempt,
  ]);
}

// The PSP does one attempt at most once.
function idempotencyKeyOf(chargeId: string, attempt: number): string {
  return `${chargeId}-${attempt}`;
}
