import { claimDue } from "#kit/claims.ts";
import type { Database, Queryable } from "#kit/database.ts";
import type { AskedCharge } from "../charge-rules.ts";

/** A charge that somebody is about to ask the gateway about. */
export interface ClaimedCharge extends AskedCharge {
  readonly chargeId: string;
  readonly userId: bigint;
  readonly idempotencyKey: string;
  /** How often it was looked at. */
  readonly attempts: number;
  /** Hints that had come when it was read. One that comes later asks for another look. */
  readonly hints: number;
}

export interface Claim {
  /** Names this one claim, so that whoever lost it gives nothing back. */
  readonly owner: string;
  /** Milliseconds for which nobody else asks about the charge. */
  readonly claimMs: number;
}

/** Claims charges that are due, oldest first. */
export function claimDueCharges(database: Database, claim: Claim, limit: number): Promise<string[]> {
  return claimDue<string>(database, {
    table: "charge",
    key: "charge_id",
    due: "watched = 1",
    limit,
    ...claim,
  });
}

/** Claims one charge whether it is due or not. Returns false where it is claimed already, or unknown. */
export async function claimCharge(
  on: Queryable,
  chargeId: string,
  { owner, claimMs }: Claim,
): Promise<boolean> {
  const { affectedRows } = await on.execute(
    `UPDATE charge SET claimed_by = ?, claimed_until = NOW(6) + INTERVAL ? MICROSECOND, attempts = attempts + 1
      WHERE charge_id = ? AND (claimed_until IS NULL OR claimed_until <= NOW(6))`,
    [owner, claimMs * 1000, chargeId],
  );
  return affectedRows === 1;
}

/** Begins the confirmation of an order that has not ended, and claims it. Returns false where it is no such order any more. */
export async function beginConfirm(
  on: Queryable,
  order: { chargeId: string; userId: bigint; amountPoints: bigint; paymentKey: string },
  { owner, claimMs }: Claim,
): Promise<boolean> {
  const { affectedRows } = await on.execute(
    `UPDATE charge SET state = 'CONFIRMING', payment_key = ?, attempt = 1, attempt_answered = FALSE, idempotency_key = ?,
       confirm_time = NOW(6), watched = TRUE, next_attempt_time = NOW(6), attempts = 1, last_error = '',
       claimed_by = ?, claimed_until = NOW(6) + INTERVAL ? MICROSECOND
      WHERE charge_id = ? AND user_id = ? AND amount_points = ? AND state = 'ORDERED' AND expire_time > NOW(6)`,
    [
      ...[order.paymentKey, idempotencyKeyOf(order.chargeId, 1), owner, claimMs * 1000],
      ...[order.chargeId, order.userId, order.amountPoints],
    ],
  );
  return affectedRows === 1;
}

/** Writes the next attempt down before the gateway is asked. Returns false where somebody else did, or the outcome is known. */
export async function raiseAttempt(on: Queryable, chargeId: string, attempt: number): Promise<boolean> {
  const { affectedRows } = await on.execute(
    `UPDATE charge SET attempt = ?, attempt_answered = FALSE, idempotency_key = ?
      WHERE charge_id = ? AND state = 'CONFIRMING' AND attempt = ?`,
    [attempt, idempotencyKeyOf(chargeId, attempt), chargeId, attempt - 1],
  );
  return affectedRows === 1;
}

/** The key under which the gateway does one attempt at most once. */
export function idempotencyKeyOf(chargeId: string, attempt: number): string {
  return `${chargeId}-${attempt}`;
}

interface Row {
  charge_id: string;
  user_id: bigint;
  state: AskedCharge["state"];
  amount_points: bigint;
  payment_key: string | null;
  attempt: number;
  attempt_answered: number;
  idempotency_key: string | null;
  attempts: number;
  hints: number;
  overdue: number | bigint;
}

/** Reads what there is to know before the gateway is asked; undefined where the claim was lost. */
export async function findClaimed(
  from: Queryable,
  chargeId: string,
  { owner }: Claim,
): Promise<ClaimedCharge | undefined> {
  const [row] = await from.query<Row>(
    `SELECT charge_id, user_id, state, amount_points, payment_key, attempt, attempt_answered, idempotency_key, attempts, hints,
       NOW(6) >= COALESCE(confirm_time, create_time) + INTERVAL TIMESTAMPDIFF(MICROSECOND, create_time, expire_time) MICROSECOND
         AS overdue
      FROM charge WHERE charge_id = ? AND claimed_by = ?`,
    [chargeId, owner],
  );
  return (
    row && {
      chargeId: row.charge_id,
      userId: row.user_id,
      state: row.state,
      amountPoints: row.amount_points,
      paymentKey: row.payment_key ?? undefined,
      attempt: Number(row.attempt),
      attemptAnswered: Number(row.attempt_answered) === 1,
      idempotencyKey: row.idempotency_key ?? idempotencyKeyOf(row.charge_id, Number(row.attempt)),
      overdue: Number(row.overdue) === 1,
      attempts: Number(row.attempts),
      hints: Number(row.hints),
    }
  );
}

/** Gives a claim back and looks again after `delayMs`, or at once where a hint came meanwhile. */
export async function postpone(
  on: Queryable,
  { chargeId, hints }: ClaimedCharge,
  { owner, delayMs, error }: { owner: string; delayMs: number; error: string },
): Promise<void> {
  await on.execute(
    `UPDATE charge SET claimed_by = NULL, claimed_until = NULL, last_error = ?,
       next_attempt_time = IF(hints = ?, NOW(6) + INTERVAL ? MICROSECOND, NOW(6))
      WHERE charge_id = ? AND claimed_by = ?`,
    [error.slice(0, 500), hints, delayMs * 1000, chargeId, owner],
  );
}

/** Remembers that the gateway answered this attempt. */
export async function markAnswered(
  on: Queryable,
  { chargeId, attempt }: { chargeId: string; attempt: number },
): Promise<void> {
  await on.execute("UPDATE charge SET attempt_answered = TRUE WHERE charge_id = ? AND attempt = ?", [
    chargeId,
    attempt,
  ]);
}

/** Gives a claim back: an order is looked at when it ends, anything else not again unless a hint came meanwhile. */
export async function rest(on: Queryable, { chargeId, hints }: ClaimedCharge, owner: string): Promise<void> {
  await on.execute(
    `UPDATE charge SET claimed_by = NULL, claimed_until = NULL, watched = state IN ('ORDERED', 'CONFIRMING') OR hints <> ?,
       next_attempt_time = IF(hints = ? AND state = 'ORDERED', expire_time, NOW(6))
      WHERE charge_id = ? AND claimed_by = ?`,
    [hints, hints, chargeId, owner],
  );
}

/** Asks for a look at a charge now. Returns false where there is no such charge. */
export async function hint(on: Queryable, chargeId: string): Promise<boolean> {
  const { affectedRows } = await on.execute(
    "UPDATE charge SET watched = TRUE, hints = hints + 1, next_attempt_time = NOW(6) WHERE charge_id = ?",
    [chargeId],
  );
  return affectedRows === 1;
}
