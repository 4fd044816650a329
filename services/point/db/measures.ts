import type { Queryable } from "#kit/data/database.ts";
import type { Balance } from "../domain/ledger.ts";

/** What the gauges of this service show. */
interface PointMeasures {
  /** Points of all users by account. */
  readonly outstanding: Balance;
  /** Points of the last year that were charged, and that operators added. */
  readonly chargedPoints: bigint;
  readonly givenPoints: bigint;
  /** Charges that wait for the buyer, and those that wait for the PSP. */
  readonly ordered: bigint;
  readonly confirming: bigint;
  readonly openDiscrepancies: bigint;
}

/** Sums and counts over whole tables. */
export async function readMeasures(from: Queryable): Promise<PointMeasures | undefined> {
  const [outstanding] = await from.query<Balance>(
    `SELECT CAST(COALESCE(SUM(paid_points), 0) AS SIGNED) AS paid_points,
       CAST(COALESCE(SUM(bonus_points), 0) AS SIGNED) AS bonus_points,
       CAST(COALESCE(SUM(held_points), 0) AS SIGNED) AS held_points FROM wallet`,
  );
  const [counts] = await from.query<Omit<PointMeasures, "outstanding">>(
    `SELECT
       (SELECT CAST(COALESCE(SUM(amount_points), 0) AS SIGNED) FROM charge
         WHERE state = 'CHARGED' AND charge_time > NOW(6) - INTERVAL 1 YEAR) AS charged_points,
       (SELECT CAST(COALESCE(SUM(delta_points), 0) AS SIGNED) FROM adjustment
         WHERE delta_points > 0 AND create_time > NOW(6) - INTERVAL 1 YEAR) AS given_points,
       (SELECT COUNT(*) FROM charge WHERE state = 'ORDERED') AS ordered,
       (SELECT COUNT(*) FROM charge WHERE state = 'CONFIRMING') AS confirming,
       (SELECT COUNT(*) FROM discrepancy WHERE resolve_time IS NULL) AS open_discrepancies`,
  );
  return outstanding && counts && { outstanding, ...counts };
}
