import { DataTypes } from "sequelize";
import { type Tx, violatedKey } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";

/** Points that an operator added or removed. */
export interface Adjustment {
  readonly adjustmentId: string;
  /** Unique among the adjustments of its administrator. */
  readonly requestId: string;
  readonly adminUserId: bigint;
  readonly userId: bigint;
  readonly account: "PAID" | "BONUS";
  readonly deltaPoints: bigint;
  readonly reason: string;
}

const adjustments = table<Adjustment>("adjustment", {
  adjustmentId: { type: DataTypes.STRING, primaryKey: true },
  requestId: DataTypes.STRING,
  adminUserId: DataTypes.BIGINT,
  userId: DataTypes.BIGINT,
  account: DataTypes.STRING,
  deltaPoints: DataTypes.BIGINT,
  reason: DataTypes.STRING,
});

/** Adds an adjustment. Returns the earlier one of the same request, or undefined where there is none. */
export async function insertAdjustment(tx: Tx, adjustment: Adjustment): Promise<Adjustment | undefined> {
  try {
    await adjustments(tx).insert(adjustment);
    return undefined;
  } catch (error) {
    if (violatedKey(error) !== "uq_adjustment_request") {
      throw error;
    }
    const { adminUserId, requestId } = adjustment;
    return adjustments(tx).find({ where: { adminUserId, requestId } });
  }
}
