import type { Queryable } from "#kit/data/database.ts";
import { purchaseTask } from "./purchases.ts";

/** What the gauges of this service show. */
interface PurchaseMeasures {
  readonly pending: bigint;
  /** Seconds since the oldest pending purchase was made; 0 while there is none. */
  readonly oldestSeconds: number;
}

/** Counts pending purchases by their tasks, of which there is one each: no table that grows is read. */
export async function readMeasures(from: Queryable): Promise<PurchaseMeasures> {
  const [row] = await from.query<{ pending: bigint; microseconds: bigint | null }>(
    `SELECT COUNT(*) AS pending, TIMESTAMPDIFF(MICROSECOND, MIN(create_time), NOW(6)) AS microseconds
      FROM task WHERE kind = ?`,
    [purchaseTask],
  );
  return { pending: row?.pending ?? 0n, oldestSeconds: Number(row?.microseconds ?? 0) / 1e6 };
}
