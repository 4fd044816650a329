import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Balance, issueOf, type TransferType } from "../domain/ledger.ts";

const slices = 16n;

/** The part of the totals that a user's points are in; the first migration makes them. */
export function sliceOf(userId: bigint): bigint {
  return userId % slices;
}

/** Adds the points that a transfer issued, if any, to those of the day. Locks them, so it comes last. */
export async function addToIssued(tx: Tx, type: TransferType, change: Balance): Promise<void> {
  const issue = issueOf(type, change);
  if (issue !== undefined) {
    await tx.deferred.execute(
      `INSERT INTO issued_points (day, source, points) VALUES (CURRENT_DATE, ?, ?)
        ON DUPLICATE KEY UPDATE points = points + VALUES(points)`,
      [issue.source, issue.points],
    );
  }
}

/** Points of all users, by account. */
export async function readOutstanding(from: Queryable): Promise<Balance | undefined> {
  const [outstanding] = await from.query<Balance>(
    `SELECT CAST(COALESCE(SUM(paid_points), 0) AS SIGNED) AS paid_points,
       CAST(COALESCE(SUM(bonus_points), 0) AS SIGNED) AS bonus_points,
       CAST(COALESCE(SUM(held_points), 0) AS SIGNED) AS held_points FROM outstanding_points`,
  );
  return outstanding;
}
