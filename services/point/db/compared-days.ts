import type { Queryable, Tx } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { scheduleTask } from "#kit/data/tasks.ts";
import type { Charge } from "../domain/charge-rules.ts";

/** The kind of the tasks that compare a day. */
export const compareTask = "compare-day";

/** A Korean day at a PSP. */
interface ComparedDay {
  readonly provider: string;
  readonly day: string;
}

/** Reads what decides which days are compared next; undefined where no charge was ever ordered at this PSP. */
export async function findDayFacts(
  from: Queryable,
  provider: string,
): Promise<{ nowMs: number; firstMs: number; lastDay: string | undefined } | undefined> {
  const [row] = await from.query<{ now: Date; first: Date | null; last: string | null }>(
    `SELECT NOW(6) AS now, (SELECT MIN(create_time) FROM charge WHERE provider = ?) AS first,
       (SELECT CAST(MAX(day) AS CHAR) FROM compared_day WHERE provider = ?) AS last`,
    [provider, provider],
  );
  if (row === undefined || row.first === null) {
    return undefined;
  }
  return { nowMs: row.now.getTime(), firstMs: row.first.getTime(), lastDay: row.last ?? undefined };
}

/** Schedules the comparison of a day, once. */
export async function scheduleDay(tx: Tx, { provider, day }: ComparedDay): Promise<void> {
  const { affectedRows } = await tx.execute("INSERT IGNORE INTO compared_day (provider, day) VALUES (?, ?)", [
    provider,
    day,
  ]);
  if (affectedRows === 1) {
    await scheduleTask(tx, compareTask, `${provider}:${day}`, 0);
  }
}

/** The day that a task is about. */
export function dayOfTask(id: string): ComparedDay {
  const [provider = "", day = ""] = id.split(":");
  return { provider, day };
}

/** Records that a day was compared. */
export async function markCompared(
  to: Queryable,
  { provider, day, transactions }: ComparedDay & { readonly transactions: number },
): Promise<void> {
  await to.execute(
    "UPDATE compared_day SET transactions = ?, finish_time = NOW(6) WHERE provider = ? AND day = ?",
    [transactions, provider, day],
  );
}

/** What is compared with a transaction of the PSP. */
export type ComparedCharge = Pick<Charge, "chargeId" | "state" | "amountPoints" | "paymentKey">;

const columns = "charge_id, state, amount_points, payment_key";

/** Reads the named charges; unknown ones are left out. */
export function findCompared(from: Queryable, chargeIds: readonly string[]): Promise<ComparedCharge[]> {
  return from.query(`SELECT ${columns} FROM charge WHERE charge_id IN (?)`, [chargeIds]);
}

/** Reads a page of the charges of a PSP whose payment was approved within a period. */
export function listApproved(
  from: Queryable,
  { provider, start, end }: { provider: string; start: Date; end: Date },
  page: PageCursor,
): Promise<Page<ComparedCharge>> {
  return queryPage(from, {
    columns,
    table: "charge",
    index: "ix_charge_approved",
    where: "provider = ? AND approve_time >= ? AND approve_time < ?",
    values: [provider, start, end],
    keyset: [
      { column: "approve_time", direction: "ASC" },
      { column: "charge_id", direction: "ASC" },
    ],
    page,
  });
}
