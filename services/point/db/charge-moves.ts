import type { Queryable, Tx } from "#kit/data/database.ts";
import { raw } from "#kit/data/sql.ts";
import { type Move, moveState } from "#kit/data/state-machine.ts";
import { type Charge, type ChargeState, chargeTransitions } from "../domain/charge-rules.ts";
import type { PspPayment } from "../psp/psp.ts";

/** Starts the confirmation of an order. Returns false where it is no longer an open order. */
export function startConfirm(
  tx: Tx,
  { chargeId, paymentKey }: { chargeId: string; paymentKey: string },
): Promise<boolean> {
  return move(tx, {
    to: "CONFIRMING",
    where: { sql: "charge_id = ? AND expire_time > NOW(6)", values: [chargeId] },
    set: {
      paymentKey,
      attempt: 1,
      attemptAnswered: false,
      idempotencyKey: idempotencyKeyOf(chargeId, 1),
      confirmTime: raw("NOW(6)"),
    },
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
  { chargeId }: Charge,
  { code, message }: { code: string; message: string },
): Promise<boolean> {
  return move(tx, {
    to: "FAILED",
    where: { sql: "charge_id = ?", values: [chargeId] },
    set: { failureCode: code.slice(0, 200), failureMessage: (message === "" ? code : message).slice(0, 500) },
  });
}

/** Ends a charge that was not paid in time. Returns false where its state has changed meanwhile. */
export function markExpired(tx: Tx, { chargeId, state }: Charge): Promise<boolean> {
  return move(tx, {
    to: "EXPIRED",
    from: [state],
    where: { sql: "charge_id = ? AND expire_time <= NOW(6)", values: [chargeId] },
  });
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
