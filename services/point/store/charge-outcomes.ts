import type { Queryable, Tx } from "#kit/database.ts";
import type { PgPayment } from "../pg/pg.ts";
import type { ClaimedCharge } from "./charge-claims.ts";

const giveBack =
  "claimed_by = NULL, claimed_until = NULL, last_error = '', watched = hints <> ?, next_attempt_time = NOW(6)";

/** Turns a charge into a paid one. Returns when, or undefined where it was paid before or another payment belongs to it. */
export async function markCharged(
  tx: Tx,
  { chargeId, amountPoints, hints }: ClaimedCharge,
  payment: PgPayment,
): Promise<Date | undefined> {
  const { affectedRows } = await tx.execute(
    `UPDATE charge SET state = 'CHARGED', payment_key = ?, receipt_url = ?, failure_code = NULL, failure_message = '',
       charge_time = NOW(6), approve_time = COALESCE(?, NOW(6)), ${giveBack}
      WHERE charge_id = ? AND state IN ('ORDERED', 'CONFIRMING', 'FAILED', 'EXPIRED') AND amount_points = ?
        AND (payment_key IS NULL OR payment_key = ?)`,
    [
      ...[payment.paymentKey, payment.receiptUrl ?? "", payment.approvedAt ?? null, hints],
      ...[chargeId, amountPoints, payment.paymentKey],
    ],
  );
  if (affectedRows !== 1) {
    return undefined;
  }
  const [row] = await tx.query<{ charge_time: Date }>("SELECT charge_time FROM charge WHERE charge_id = ?", [
    chargeId,
  ]);
  return row?.charge_time;
}

/** Ends a confirmation that the gateway declined. Returns false where it has ended otherwise. */
export async function markFailed(
  on: Queryable,
  { chargeId, hints }: ClaimedCharge,
  { code, message }: { code: string; message: string },
): Promise<boolean> {
  const { affectedRows } = await on.execute(
    `UPDATE charge SET state = 'FAILED', failure_code = ?, failure_message = ?, ${giveBack}
      WHERE charge_id = ? AND state = 'CONFIRMING'`,
    [code.slice(0, 200), (message === "" ? code : message).slice(0, 500), hints, chargeId],
  );
  return affectedRows === 1;
}

/** Ends a charge for which nothing was paid in time. Returns false where it has ended otherwise, or not yet. */
export async function markExpired(
  on: Queryable,
  { chargeId, hints, state }: ClaimedCharge,
): Promise<boolean> {
  const { affectedRows } = await on.execute(
    `UPDATE charge SET state = 'EXPIRED', ${giveBack}
      WHERE charge_id = ? AND state = ? AND state IN ('ORDERED', 'CONFIRMING') AND expire_time <= NOW(6)`,
    [hints, chargeId, state],
  );
  return affectedRows === 1;
}

/** Points issued within the last year: charged, and given by operators. */
export async function sumYearIssue(from: Queryable): Promise<{ paidPoints: bigint; givenPoints: bigint }> {
  const [row] = await from.query<{ paid: string | bigint; given: string | bigint }>(
    `SELECT
       (SELECT COALESCE(SUM(amount_points), 0) FROM charge
         WHERE state = 'CHARGED' AND charge_time > NOW(6) - INTERVAL 1 YEAR) AS paid,
       (SELECT COALESCE(SUM(delta_points), 0) FROM adjustment
         WHERE delta_points > 0 AND create_time > NOW(6) - INTERVAL 1 YEAR) AS given`,
  );
  return { paidPoints: BigInt(row?.paid ?? 0), givenPoints: BigInt(row?.given ?? 0) };
}
