import type { Queryable, SqlValue, Tx } from "#kit/data/database.ts";
import { toSnakeCase, update } from "#kit/data/sql.ts";

/** A table with columns that are sums over the rows of another, which change together with them. */
export interface SummedTable {
  readonly table: string;
  /** The name of its id. */
  readonly id: string;
  readonly columns: readonly string[];
  /** Selects the sums of a row in the order of `columns`; the id of the row follows. */
  readonly select: string;
  /** Does what follows from a change of sums. */
  readonly onChange?: (tx: Tx, ids: readonly bigint[]) => Promise<void>;
}

/** What is added to the sums of a row, in the order of the columns. */
type SumChange = readonly [id: bigint, differences: readonly (number | bigint)[]];

/** Adds to sums: all changes of a row at once, and all rows in one statement. What is unknown is ignored. */
export async function addToSums(
  tx: Tx,
  { table, id, columns, onChange }: Omit<SummedTable, "select">,
  changes: Iterable<SumChange>,
): Promise<void> {
  const totals = totalsOf(changes);
  if (totals.length === 0) {
    return;
  }
  const ids = totals.map(([rowId]) => rowId);
  const key = toSnakeCase(id);
  const chosen = `CASE ${key} ${ids.map(() => "WHEN ? THEN ?").join(" ")} END`;
  const sets = columns.map(toSnakeCase).map(column => `${column} = ${column} + ${chosen}`);
  const values = columns.flatMap((_, place) =>
    totals.flatMap(([rowId, differences]): SqlValue[] => [rowId, differences[place] ?? 0n]),
  );
  await tx.deferred.execute(
    `UPDATE ${table} FORCE INDEX (PRIMARY) SET ${sets.join(", ")} WHERE ${key} IN (?)`,
    [...values, ids],
  );
  await onChange?.(tx, ids);
}

/** The changes of each row, always in the same order, so that two transactions cannot deadlock. */
function totalsOf(changes: Iterable<SumChange>): (readonly [id: bigint, differences: bigint[]])[] {
  const totals = new Map<bigint, bigint[]>();
  for (const [id, differences] of changes) {
    const before = totals.get(id);
    totals.set(
      id,
      differences.map((difference, place) => BigInt(difference) + (before?.[place] ?? 0n)),
    );
  }
  return [...totals]
    .filter(([, differences]) => differences.some(difference => difference !== 0n))
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/**
 * Sums up a row again. It is locked first: a subscriber that has stored a state and waits for that row adds the
 * difference afterwards, and its state is not in the sum, because it is not committed.
 */
export async function sumUp(
  tx: Tx,
  { table, id, columns, select, onChange }: SummedTable,
  rowId: bigint,
): Promise<void> {
  const where = { sql: `${toSnakeCase(id)} = ?`, values: [rowId] };
  await tx.query(`SELECT 1 FROM ${table} WHERE ${where.sql} FOR UPDATE`, where.values);
  const [sums] = await tx.query<Record<string, SqlValue>>(`${select} ?`, where.values);
  const row = Object.fromEntries(Object.values(sums ?? {}).map((sum, place) => [columns[place] ?? "", sum]));
  await update(tx, table, row, where);
  await onChange?.(tx, [rowId]);
}

/** Selects the ids of the rows whose sums are wrong, as `id`. */
export function wrongSums({ table, id, columns, select }: SummedTable): string {
  const own = columns.map(column => `t.${toSnakeCase(column)}`).join(", ");
  return `SELECT t.${toSnakeCase(id)} AS id FROM ${table} t WHERE NOT (${own}) = (${select} t.${toSnakeCase(id)})`;
}

/** Finds up to `limit` rows whose sums are wrong. */
export async function findWrongSums(
  from: Queryable,
  summed: SummedTable,
  limit: number,
): Promise<readonly bigint[]> {
  const rows = await from.query<{ id: bigint }>(`${wrongSums(summed)} LIMIT ?`, [limit]);
  return rows.map(({ id }) => id);
}
