import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { readPages } from "#kit/data/invariants.ts";
import { insertAll, toSnakeCase } from "#kit/data/sql.ts";

/**
 * A table with the column `sales_count`, the copies sold of a row or by it. What each sale counted is stored in `sale`,
 * one row per sale and what was sold.
 */
export interface SoldTable {
  readonly table: string;
  /** The name of its id, there and in `sale`. */
  readonly id: string;
  /** Does what follows from a change of counts. */
  readonly onChange?: (tx: Tx, soldIds: readonly bigint[]) => Promise<void>;
}

/** A sale, with the copies of each thing that was sold. */
export interface Sale {
  readonly saleId: string;
  readonly copies: ReadonlyMap<bigint, number>;
}

/** Counts a sale once. Returns false where it is counted. What is sold and unknown is ignored. */
export async function countSale(tx: Tx, sold: SoldTable, { saleId, copies }: Sale): Promise<boolean> {
  const lines = linesOf(copies);
  try {
    await insertAll(
      tx,
      "sale",
      lines.map(([soldId, count]) => ({ saleId, [sold.id]: soldId, copies: count })),
    );
  } catch (error) {
    if (violatedKey(error) === "PRIMARY") {
      return false;
    }
    throw error;
  }
  await addToCounts(tx, sold, lines);
  return true;
}

/** Stops counting a sale. */
export async function forgetSale(tx: Tx, sold: SoldTable, saleId: string): Promise<void> {
  const [sale] = await findSales(tx, sold, [saleId], "FOR UPDATE");
  if (sale !== undefined) {
    await tx.execute("DELETE FROM sale WHERE sale_id = ?", [saleId]);
    await addToCounts(
      tx,
      sold,
      linesOf(sale.copies).map(([soldId, count]) => [soldId, -count] as const),
    );
  }
}

/** Always in the same order, so that two sales cannot deadlock. */
function linesOf(copies: Sale["copies"]): [soldId: bigint, copies: number][] {
  return [...copies].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

async function addToCounts(
  tx: Tx,
  { table, id, onChange }: SoldTable,
  lines: readonly (readonly [soldId: bigint, copies: number])[],
): Promise<void> {
  const ids = lines.map(([soldId]) => soldId);
  const isAlike = new Set(lines.map(([, copies]) => copies)).size === 1;
  const batches = isAlike ? [ids] : ids.map(soldId => [soldId]);
  for (const [index, soldIds] of batches.entries()) {
    await tx.execute(`UPDATE ${table} SET sales_count = sales_count + ? WHERE ${toSnakeCase(id)} IN (?)`, [
      lines[index]?.[1] ?? 0,
      soldIds,
    ]);
  }
  await onChange?.(tx, ids);
}

/** All ids of sales that are counted, in pages; one may be in two. */
export async function* readSaleIds(from: Queryable, { id }: SoldTable): AsyncIterable<string[]> {
  const pages = readPages<{ saleId: string }>(from, {
    columns: "sale_id",
    table: "sale",
    index: "PRIMARY",
    keyset: [
      { column: "sale_id", direction: "ASC" },
      { column: toSnakeCase(id), direction: "ASC" },
    ],
  });
  for await (const page of pages) {
    yield [...new Set(page.map(({ saleId }) => saleId))];
  }
}

/** Those of the named sales that are counted, in no particular order. */
export async function findSales(
  from: Queryable,
  { id }: SoldTable,
  saleIds: readonly string[],
  locking: "" | "FOR UPDATE" = "",
): Promise<Sale[]> {
  if (saleIds.length === 0) {
    return [];
  }
  const rows = await from.query<{ saleId: string; soldId: bigint; copies: number }>(
    `SELECT sale_id, ${toSnakeCase(id)} AS sold_id, copies FROM sale WHERE sale_id IN (?) ${locking}`,
    [saleIds],
  );
  return [...Map.groupBy(rows, ({ saleId }) => saleId)].map(([saleId, lines]) => ({
    saleId,
    copies: new Map(lines.map(({ soldId, copies }) => [soldId, copies])),
  }));
}

const count = ({ id }: SoldTable) =>
  `SELECT COALESCE(SUM(copies), 0) FROM sale WHERE sale.${toSnakeCase(id)} =`;

/** Finds up to `limit` wrong counts. */
export async function findWrongSalesCounts(
  from: Queryable,
  sold: SoldTable,
  limit: number,
): Promise<bigint[]> {
  const id = toSnakeCase(sold.id);
  const rows = await from.query<{ soldId: bigint }>(
    `SELECT t.${id} AS sold_id FROM ${sold.table} t WHERE t.sales_count <> (${count(sold)} t.${id}) LIMIT ?`,
    [limit],
  );
  return rows.map(({ soldId }) => soldId);
}

/** Counts again; the row is locked first, for the reason that `sumUpRating` gives. */
export async function sumUpSales(tx: Tx, sold: SoldTable, soldId: bigint): Promise<void> {
  const where = `WHERE ${toSnakeCase(sold.id)} = ?`;
  await tx.query(`SELECT 1 FROM ${sold.table} ${where} FOR UPDATE`, [soldId]);
  await tx.execute(`UPDATE ${sold.table} SET sales_count = (${count(sold)} ?) ${where}`, [soldId, soldId]);
  await sold.onChange?.(tx, [soldId]);
}
