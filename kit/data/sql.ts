import type { Queryable, SqlValue, Tx } from "#kit/data/database.ts";
import type { Writes } from "#kit/data/transaction-statements.ts";

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
  const { sql, values } = insertStatement(table, row);
  return (await to.execute(sql, values)).insertId;
}

/** Inserts a row by key, with the next statement of the transaction or with its commit. */
export async function insertDeferred(tx: Tx, table: string, row: NewRow): Promise<void> {
  const { sql, values } = insertStatement(table, row);
  await tx.deferred.execute(sql, values);
}

/** Inserts a row by key. Returns columns as the database filled them in. */
export async function insertReturning<Row>(
  to: Queryable,
  table: string,
  row: NewRow,
  columns: readonly (keyof Row & string)[],
): Promise<Row> {
  const { sql, values } = insertStatement(table, row);
  const [inserted] = await to.query<Row>(`${sql} RETURNING ${columns.map(toSnakeCase).join(", ")}`, values);
  if (inserted === undefined) {
    throw new TypeError(`an insert into ${table} returned no row`);
  }
  return inserted;
}

function insertStatement(table: string, row: NewRow): RawSql {
  const entries = entriesOf(row);
  const columns = entries.map(([key]) => toSnakeCase(key));
  const places = entries.map(([, value]) => (isRaw(value) ? value.sql : "?"));
  return {
    sql: `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places.join(", ")})`,
    values: entries.flatMap(([, value]) => (isRaw(value) ? value.values : [value])),
  };
}

/** Inserts rows of one shape in one statement; nothing for an empty list. The first row names the columns. */
export async function insertAll(to: Writes, table: string, rows: readonly WholeRow[]): Promise<void> {
  if (rows.length > 0) {
    const { sql, values } = insertAllStatement(table, rows);
    await to.execute(sql, values);
  }
}

/** Like insertAll, and returns columns of each row as the database filled them in; all rows have the same time. */
export async function insertAllReturning<Row>(
  to: Queryable,
  table: string,
  rows: readonly WholeRow[],
  columns: readonly (keyof Row & string)[],
): Promise<Row[]> {
  return insertRows(to, "INSERT", table, rows, columns);
}

/**
 * Inserts those rows of one shape of which the table has none with the same key, in one statement, and returns the
 * named columns of those. Values must fit their columns, because the statement cuts what does not.
 */
export async function insertNew<Row>(
  to: Queryable,
  table: string,
  rows: readonly WholeRow[],
  columns: readonly (keyof Row & string)[],
): Promise<Row[]> {
  return insertRows(to, "INSERT IGNORE", table, rows, columns);
}

async function insertRows<Row>(
  to: Queryable,
  verb: "INSERT" | "INSERT IGNORE",
  table: string,
  rows: readonly WholeRow[],
  columns: readonly (keyof Row & string)[],
): Promise<Row[]> {
  if (rows.length === 0) {
    return [];
  }
  const { sql, values } = insertAllStatement(table, rows, verb);
  return to.query<Row>(`${sql} RETURNING ${columns.map(toSnakeCase).join(", ")}`, values);
}

/** Inserts rows of one shape in one statement, and replaces the other columns of those whose key the table has. */
export async function putAll(
  to: Queryable,
  table: string,
  rows: readonly WholeRow[],
  keys: readonly string[],
): Promise<void> {
  const [first] = rows;
  if (first !== undefined) {
    const { sql, values } = insertAllStatement(table, rows);
    const others = Object.keys(first).filter(key => !keys.includes(key));
    const sets = others.map(toSnakeCase).map(column => `${column} = VALUES(${column})`);
    await to.execute(`${sql} ON DUPLICATE KEY UPDATE ${sets.join(", ")}`, values);
  }
}

type WholeRow = Readonly<Record<string, SqlValue>>;

function insertAllStatement(table: string, rows: readonly WholeRow[], verb = "INSERT"): RawSql {
  const keys = Object.keys(rows[0] ?? {});
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
  const columns = keys.map(toSnakeCase).join(", ");
  return { sql: `${verb} INTO ${table} (${columns}) VALUES ${rows.map(() => places).join(", ")}`, values };
}

/** Updates rows by key. Returns how many matched. */
export async function update(on: Queryable, table: string, row: NewRow, where: RawSql): Promise<number> {
  const { sql, values } = updateStatement(table, row, where);
  return (await on.execute(sql, values)).affectedRows;
}

/** The statement that updates rows by key. */
export function updateStatement(table: string, row: NewRow, where: RawSql): RawSql {
  const entries = entriesOf(row);
  const columns = entries.map(([key, value]) => `${toSnakeCase(key)} = ${isRaw(value) ? value.sql : "?"}`);
  const values = entries.flatMap(([, value]) => (isRaw(value) ? value.values : [value]));
  return {
    sql: `UPDATE ${table} SET ${columns.join(", ")} WHERE ${where.sql}`,
    values: [...values, ...where.values],
  };
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
