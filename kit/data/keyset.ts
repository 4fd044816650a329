import type { Queryable, SqlValue } from "#kit/data/database.ts";

/** Where a page begins and how many rows it has. */
export interface PageCursor {
  /**
   * The keys of the last row of the previous page, exactly as the database wrote them; undefined for the first page.
   */
  readonly after: readonly string[] | undefined;
  readonly limit: number;
}

/** Rows of a page, and the keys of its last row where there are more. */
export interface Page<Row> {
  readonly rows: Row[];
  readonly nextAfter: readonly string[] | undefined;
}

/** The columns a list is sorted by; together they are unique. */
type Keyset = readonly { readonly column: string; readonly direction: "ASC" | "DESC" }[];

export interface KeysetQuery {
  readonly columns: string;
  /** With its alias, if it has one. */
  readonly table: string;
  /**
   * Has the columns of `where` that are compared for equality, and right after them those of `keyset`. It is forced:
   * for `a = ? AND id < ?` MariaDB would enter it by `a` alone, and read a deep page from the first row on.
   */
  readonly index: string;
  /** Tables that add columns to each row. */
  readonly joins?: string;
  /** Conditions joined by AND; empty for all rows. */
  readonly where?: string;
  readonly values?: readonly SqlValue[];
  /** One or two columns. */
  readonly keyset: Keyset;
  readonly page: PageCursor;
  /**
   * For a page that is found in an index alone: turns the query of the page into one that reads its rows whole. It
   * must select all columns of the page and repeat its order.
   */
  readonly readRows?: (page: string) => string;
}

/**
 * Reads one page of a list. Keys travel as text, exact to the microsecond. A page after a tie is read in two
 * branches, the rest of the tie and the rows after it, so that the index is entered where the page begins: `a <= ?
 * AND (a < ? OR id < ?)` would scan every tie.
 */
export async function queryPage<Row extends object>(
  from: Queryable,
  {
    columns,
    table,
    index,
    joins = "",
    where = "",
    values = [],
    keyset,
    page,
    readRows = sql => sql,
  }: KeysetQuery,
): Promise<Page<Row>> {
  const limit = page.limit + 1;
  const keys = keyset.map(({ column }, depth) => `CAST(${column} AS CHAR) AS page_key_${depth}`);
  const head = `SELECT ${keys.join(", ")}, ${columns} FROM ${table} FORCE INDEX (${index}) ${joins}`;
  const branches = branchesAfter(keyset, page.after).map(branch => {
    const conditions = [where, branch.sql].filter(part => part !== "").join(" AND ");
    return {
      sql: `${head}${conditions === "" ? "" : ` WHERE ${conditions}`} ${orderBy(branch.order)} LIMIT ?`,
      values: [...values, ...branch.values, limit],
    };
  });
  const found: (Row & Keys)[] = [];
  for (const { sql, values: given } of branches) {
    if (found.length < limit) {
      found.push(...(await from.query<Row & Keys>(readRows(sql), given)));
    }
  }
  const last = found[page.limit - 1];
  return {
    rows: found.slice(0, page.limit),
    nextAfter: found.length > page.limit && last !== undefined ? keysOf(last, keyset) : undefined,
  };
}

type Keys = Readonly<Record<`pageKey${number}`, string>>;

function keysOf(row: Keys, keyset: Keyset): string[] {
  return keyset.map((_, index) => row[`pageKey${index}`] ?? "");
}

function orderBy(keyset: Keyset): string {
  return `ORDER BY ${keyset.map(({ column, direction }) => `${column} ${direction}`).join(", ")}`;
}

/** Rows that follow the given keys. */
interface Branch {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /**
   * Without the tied columns: a tie between a number and the text of its key would be sorted instead of read in
   * order.
   */
  readonly order: Keyset;
}

/** The branches that follow the given keys, the rest of a tie first. */
function branchesAfter(keyset: Keyset, after: readonly string[] | undefined): Branch[] {
  if (after === undefined) {
    return [{ sql: "", values: [], order: keyset }];
  }
  return keyset
    .map((_, depth) => {
      const ties = keyset.slice(0, depth).map(({ column }) => `${column} = ?`);
      const { column, direction } = keyset[depth] ?? { column: "", direction: "ASC" };
      const sql = [...ties, `${column} ${direction === "ASC" ? ">" : "<"} ?`].join(" AND ");
      return { sql, values: after.slice(0, depth + 1), order: keyset.slice(depth) };
    })
    .reverse();
}
