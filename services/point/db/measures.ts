import type { Queryable } from "#kit/data/database.ts";
import type { Balance } from "../domain/ledger.ts";
import { readOutstanding } from "./totals.ts";

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
  /** Microseconds since the oldest of each was created; null while there is none. */
  readonly oldestOrdered: bigint | null;
  readonly oldestConfirming: bigint | null;
  readonly openDiscrepancies: bigint;
}

/** Reads the totals that are kept, and counts what is open. */
export async function readMeasures(from: Queryable): Promise<PointMeasures | undefined> {
  const outstanding = await readOutstanding(from);
  const [counts] = await from.query<Omit<PointMeasures, "outstanding">>(
    `SELECT
       (SELECT CAST(COALESCE(SUM(points), 0) AS SIGNED) FROM issued_points
         WHERE source = 'PAID' AND day > CURRENT_DATE - INTERVAL 1 YEAR) AS charged_points,
       (SELECT CAST(COALESCE(SUM(points), 0) AS SIGNED) FROM issued_points
         WHERE source = 'GIVEN' AND day > CURRENT_DATE - INTERVAL 1 YEAR) AS given_points,
       (SELECT COUNT(*) FROM charge WHERE state = 'ORDERED') AS ordered,
       (SELECT COUNT(*) FROM charge WHERE state = 'CONFIRMING') AS confirming,
       ${ageOfOldest("ORDERED")} AS oldest_ordered,
       ${ageOfOldest("CONFIRMING")} AS oldest_confirming,
       (SELECT COUNT(*) FROM discrepancy WHERE resolve_time IS NULL) AS open_discrepancies`,
  );
  return outstanding && counts && { outstanding, ...counts };
}

/** From the first row of an index. */
function ageOfOldest(state: "ORDERED" | "CONFIRMING"): string {
  return `(SELECT TIMESTAMPDIFF(MICROSECOND, MIN(create_time), NOW(6)) FROM charge WHERE state = '${state}')`;
}
