import type { Database } from "#kit/data/database.ts";
import type { LoadedTable } from "#test/support/data/load-rows.ts";

/** A table that grows. */
export interface Load extends LoadedTable {
  readonly rows: number;
}

/** What is done in an empty shop and in a grown one. */
export interface Work {
  readonly name: string;
  readonly times: number;
  readonly run: (database: Database) => Promise<unknown>;
}

/** The rows of one service, and what it does with them. */
export interface Growth {
  readonly service: string;
  readonly loads: readonly Load[];
  /** Writes what the work needs in both shops; may run again. */
  readonly prepare: (database: Database) => Promise<unknown>;
  readonly works: readonly Work[];
}

/** Has a tenth of everything. */
export const heavyUser = 5n;
/** SQL of the user of a row. */
export const userOfRow = `IF(seq % 10 = 0, ${heavyUser}, 10 + seq % 9000)`;
export const pageSize = 20;
/** How often everything is done before it is measured. */
export const warmUps = 60;

/** SQL of the time of a row, where rows are spread over the year that ends now. */
export function timeOfRow(rows: number): string {
  return `NOW(6) - INTERVAL (${rows} - seq) * ${Math.floor(31_536_000_000_000 / rows)} MICROSECOND`;
}

const found = new Map<Database, Map<string, Promise<readonly string[]>>>();

/** The keys after which the last tenth of the heavy user's rows follow, newest first; found once, by counting rows. */
export function keysAt90(
  database: Database,
  table: string,
  columns: readonly string[],
): Promise<readonly string[]> {
  const keys = found.get(database) ?? new Map<string, Promise<readonly string[]>>();
  found.set(database, keys);
  const known = keys.get(table) ?? findKeys(database, table, columns);
  keys.set(table, known);
  return known;
}

async function findKeys(
  database: Database,
  table: string,
  columns: readonly string[],
): Promise<readonly string[]> {
  const [count] = await database.query<{ rows: bigint }>(
    `SELECT COUNT(*) AS \`rows\` FROM ${table} WHERE user_id = ?`,
    [heavyUser],
  );
  const texts = columns.map(column => `CAST(${column} AS CHAR)`).join(", ");
  const order = columns.map(column => `${column} DESC`).join(", ");
  const [row] = await database.query<{ keys: readonly string[] }>(
    `SELECT JSON_ARRAY(${texts}) AS \`keys\` FROM ${table} WHERE user_id = ? ORDER BY ${order} LIMIT 1 OFFSET ?`,
    [heavyUser, Math.floor(Number(count?.rows) * 0.9)],
  );
  return row?.keys ?? [];
}
