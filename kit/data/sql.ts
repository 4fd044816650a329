import type { Queryable, SqlValue, Tx } from "#kit/data/database.ts";

/** A value that the database computes, such as `raw("NOW(6)")`; constant SQL, with its values as parameters. */
export interface RawSql {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Uses constant SQL in place of a value. Never from input. */
export function raw(sql: string, values: readonly SqlValue[] = []): RawSql {
  return { sql, values };
}

/** `milliseconds` from now by the database's clock. */
export function fromNow(milliseconds: number): RawSql {
  return raw("NOW(6) + INTERVAL ? MICROSECOND", [Math.round(milliseconds * 1000)]);
}

/** A row to insert, by the camelCase names of its columns; `undefined` leaves a column to its default. */
type NewRow = Readonly<Record<string, SqlValue | RawSql | undefined>>;

/** Inserts a row by key. Returns the AUTO_INCREMENT id, 0n without one. */
export async function insert(to: Queryable, table: string, row: NewRow): Promise<bigint> {
  const entries = entriesOf(row);
  const columns = entries.map(([key]) => toSnakeCase(key));
  const places = entries.map(([, value]) => (isRaw(value) ? value.sql : "?"));
  const values = entries.flatMap(([, value]) => (isRaw(value) ? value.values : [value]));
  const { insertId } = await to.execute(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places.join(", ")})`,
    values,
  );
  return insertId;
}

/** Inserts rows of one shape in one statement; nothing for an empty list. The first row names the columns. */
export async function insertAll(
  tx: Tx,
  table: string,
  rows: readonly Readonly<Record<string, SqlValue>>[],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) {
    return;
  }
  const keys = Object.keys(first);
  const values = rows.flatMap(row =>
    keys.map(key => {
      const value = row[key];
      if (value === undefined) {
        throw new TypeError(`a row for ${table} lacks ${key}`);
      }
      return value;
    }),
  );
  const places = `(${keys.map(() => "?").join(", ")})`;
  await tx.execute(
    `INSERT INTO ${table} (${keys.map(toSnakeCase).join(", ")}) VALUES ${rows.map(() => places).join(", ")}`,
    values,
  );
}

/** Updates rows by key. Returns how many matched. */
export async function update(
  on: Queryable,
  table: string,
  row: NewRow,
  where: { readonly sql: string; readonly values: readonly SqlValue[] },
): Promise<number> {
  const entries = entriesOf(row);
  const columns = entries.map(([key, value]) => `${toSnakeCase(key)} = ${isRaw(value) ? value.sql : "?"}`);
  const values = entries.flatMap(([, value]) => (isRaw(value) ? value.values : [value]));
  const { affectedRows } = await on.execute(`UPDATE ${table} SET ${columns.join(", ")} WHERE ${where.sql}`, [
    ...values,
    ...where.values,
  ]);
  return affectedRows;
}

function entriesOf(row: NewRow): [string, SqlValue | RawSql][] {
  return Object.entries(row).filter(entry => entry[1] !== undefined) as [string, SqlValue | RawSql][];
}

/** True for SQL in the place of a value. */
function isRaw(value: SqlValue | RawSql): value is RawSql {
  return typeof value === "object" && value !== null && "sql" in value;
}

const snakeNames = new Map<string, string>();
const camelNames = new Map<string, string>();

/** `userId` becomes `user_id`. */
export function toSnakeCase(name: string): string {
  return remember(snakeNames, name, () => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`));
}

/** `user_id` becomes `userId`. */
export function toCamelCase(name: string): string {
  return remember(camelNames, name, () =>
    name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

// Column names are few and constant, so the cache stays small.
function remember(names: Map<string, string>, name: string, convert: () => string): string {
  const known = names.get(name) ?? convert();
  names.set(name, known);
  return known;
}
