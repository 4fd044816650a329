import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Balance, issueOf, type TransferType } from "../domain/ledger.ts";

const slices = 16n;

/** Adds what a transfer changed to the totals of all users. Locks them until the transaction ends, so it comes last. */
export async function addToTotals(
  tx: Tx,
  { type, userId, change }: { type: TransferType; userId: bigint; change: Balance },
): Promise<void> {
  await tx.execute(
    `INSERT INTO outstanding_points (slice, paid_points, bonus_points, held_points) VALUES (?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE paid_points = paid_points + VALUES(paid_points),
        bonus_points = bonus_points + VALUES(bonus_points), held_points = held_points + VALUES(held_points)`,
    [userId % slices, change.paidPoints, change.bonusPoints, change.heldPoints],
  );
  const issue = issueOf(type, change);
  if (issue !== undefined) {
    await tx.execute(
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
