import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";

/** Points that an operator gave or took. */
export interface Adjustment {
  readonly requestId: string;
  readonly userId: bigint;
  readonly account: "PAID" | "BONUS";
  readonly deltaPoints: bigint;
  readonly reason: string;
}

interface Row {
  user_id: bigint;
  account: Adjustment["account"];
  delta_points: bigint;
  reason: string;
}

/** Adds an adjustment. Returns the one that has the request id already, and undefined where there was none. */
export async function insertAdjustment(
  tx: Tx,
  adminUserId: bigint,
  adjustment: Adjustment,
): Promise<Adjustment | undefined> {
  const { requestId, userId, account, deltaPoints, reason } = adjustment;
  try {
    await tx.execute(
      "INSERT INTO adjustment (request_id, admin_user_id, user_id, account, delta_points, reason) VALUES (?, ?, ?, ?, ?, ?)",
      [requestId, adminUserId, userId, account, deltaPoints, reason],
    );
    return undefined;
  } catch (error) {
    if (violatedKey(error) !== "PRIMARY") {
      throw error;
    }
    return findAdjustment(tx, requestId);
  }
}

async function findAdjustment(from: Queryable, requestId: string): Promise<Adjustment | undefined> {
  const [row] = await from.query<Row>(
    "SELECT user_id, account, delta_points, reason FROM adjustment WHERE request_id = ?",
    [requestId],
  );
  return (
    row && {
      requestId,
      userId: row.user_id,
      account: row.account,
      deltaPoints: row.delta_points,
      reason: row.reason,
    }
  );
}
