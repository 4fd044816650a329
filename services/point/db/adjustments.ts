import { DataTypes } from "sequelize";
import { type Tx, violatedKey } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";

/** Points that an operator gave or took. */
export interface Adjustment {
  readonly requestId: string;
  readonly adminUserId: bigint;
  readonly userId: bigint;
  readonly account: "PAID" | "BONUS";
  readonly deltaPoints: bigint;
  readonly reason: string;
}

const adjustments = table<Adjustment>("adjustment", {
  requestId: { type: DataTypes.STRING, primaryKey: true },
  adminUserId: DataTypes.BIGINT,
  userId: DataTypes.BIGINT,
  account: DataTypes.STRING,
  deltaPoints: DataTypes.BIGINT,
  reason: DataTypes.STRING,
});

/** Adds an adjustment. Returns the one that has the request id already, and undefined where there was none. */
export async function insertAdjustment(tx: Tx, adjustment: Adjustment): Promise<Adjustment | undefined> {
  try {
    await adjustments(tx).insert(adjustment);
    return undefined;
  } catch (error) {
    if (violatedKey(error) !== "PRIMARY") {
      throw error;
    }
    return adjustments(tx).find({ where: { requestId: adjustment.requestId } });
  }
}
