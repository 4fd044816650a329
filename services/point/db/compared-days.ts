import type { Queryable } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import type { Charge } from "../domain/charge-rules.ts";

/** What the choice of a day depends on; undefined where no charge was ever ordered at this PSP. */
export async function findDayFacts(
  from: Queryable,
  provider: string,
): Promise<{ nowMs: number; firstMs: number; done: Set<string> } | undefined> {
  const [row] = await from.query<{ now: Date; first: Date | null }>(
    "SELECT NOW(6) AS now, (SELECT MIN(create_time) FROM charge WHERE provider = ?) AS first",
    [provider],
  );
  if (row === undefined || row.first === null) {
    return undefined;
  }
  const days = await from.query<{ day: string }>(
    `SELECT CAST(day AS CHAR) AS day FROM compared_day WHERE provider = ? AND day > NOW() - INTERVAL 400 DAY`,
    [provider],
  );
  return {
    nowMs: row.now.getTime(),
    firstMs: row.first.getTime(),
    done: new Set(days.map(({ day }) => day)),
  };
}

/** Records that a day was compared. */
export async function markCompared(
  to: Queryable,
  { provider, day, transactions }: { provider: string; day: string; transactions: number },
): Promise<void> {
  await to.execute(
    `INSERT INTO compared_day (provider, day, transactions) VALUES (?, ?, ?)
      ON DUPLICATE KEY UPDATE transactions = VALUES(transactions)`,
    [provider, day, transactions],
  );
}

/** What is compared with a transaction of the PSP. */
export type ComparedCharge = Pick<Charge, "chargeId" | "state" | "amountPoints" | "paymentKey">;

const select = "SELECT charge_id, state, amount_points, payment_key FROM charge";

/** Reads the named charges; unknown ones are left out. */
export function findCompared(from: Queryable, chargeIds: readonly string[]): Promise<ComparedCharge[]> {
  return from.query(`${select} WHERE charge_id IN (?)`, [chargeIds]);
}

/** Reads a page of the charges of a PSP whose payment was approved within a period. */
export function listApproved(
  from: Queryable,
  { provider, start, end }: { provider: string; start: Date; end: Date },
  page: PageCursor,
): Promise<Page<ComparedCharge>> {
  return queryPage(from, {
    select,
    where: "approve_time >= ? AND approve_time < ? AND provider = ?",
    values: [start, end, provider],
    keyset: [{ column: "charge_id", direction: "ASC" }],
    page,
  });
}
