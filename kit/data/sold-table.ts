import type { Queryable, Tx } from "#kit/data/database.ts";
import { readPages } from "#kit/data/invariants.ts";
import { insertNew, toSnakeCase } from "#kit/data/sql.ts";
import { addToSums, type SummedTable } from "#kit/data/sums.ts";

/**
 * A table with the column `sales_count`, the copies sold of a row or by it. What each sale counted is stored in `sale`,
 * one row per sale and what was sold.
 */
export interface SoldTable extends Pick<SummedTable, "table" | "onChange"> {
  /** The name of its id, there and in `sale`. */
  readonly id: string;
}

/** A sale, with the copies of each thing that was sold. */
export interface Sale {
  readonly saleId: string;
  readonly copies: ReadonlyMap<bigint, number>;
}

/** The sales counts of a table. */
export function salesSums(sold: SoldTable): SummedTable {
  return {
    ...sold,
    columns: ["salesCount"],
    select: `SELECT COALESCE(SUM(copies), 0) FROM sale WHERE sale.${toSnakeCase(sold.id)} =`,
  };
}

/** Counts sales, each once. Returns false where all were counted before. What is sold and unknown is ignored. */
export async function countSales(tx: Tx, sold: SoldTable, sales: readonly Sale[]): Promise<boolean> {
  // Always in the same order, so that two batches cannot deadlock.
  const rows = sales
    .toSorted((one, other) => (one.saleId < other.saleId ? -1 : 1))
    .flatMap(({ saleId, copies }) =>
      [...copies]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([soldId, count]) => ({
          saleId,
          [sold.id]: soldId,
          copies: count,
        })),
    );
  const counted = await insertNew<Record<string, bigint>>(tx, "sale", rows, [sold.id, "copies"]);
  await addToSums(
    tx,
    salesSums(sold),
    counted.map(row => [row[sold.id] ?? 0n, [row.copies ?? 0n]]),
  );
  return counted.length > 0;
}

/** Stops counting a sale. */
export async function forgetSale(tx: Tx, sold: SoldTable, saleId: string): Promise<void> {
  const [sale] = await findSales(tx, sold, [saleId], "FOR UPDATE");
  if (sale !== undefined) {
    await tx.execute("DELETE FROM sale WHERE sale_id = ?", [saleId]);
    await addToSums(
      tx,
      salesSums(sold),
      [...sale.copies].map(([soldId, copies]) => [soldId, [-copies]]),
    );
  }
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
