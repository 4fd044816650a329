import type { Connection } from "mariadb";
import type { Queryable, SqlValue } from "#kit/data/database.ts";
import { toCamelCase } from "#kit/data/sql.ts";

/** What runs parameterized SQL. */
export type Statements = Pick<Queryable, "query" | "execute">;

/** Runs statements on one connection; `onWrite` is called after each one that a read-only server would refuse. */
export function statementsOn(connection: Connection, onWrite: () => void): Statements {
  return {
    async query<Row>(sql: string, values: readonly SqlValue[] = []) {
      const result: ColumnRows | [ColumnRows, unknown] = await connection.query(
        { sql, rowsAsArray: true },
        values.map(toParameter),
      );
      // A compound statement answers with the rows and the end.
      const rows = "meta" in result ? result : result[0];
      const names = rows.meta.map(column => toCamelCase(column.name()));
      return rows.map(row => Object.fromEntries(row.map((value, index) => [names[index], value])) as Row);
    },
    async execute(sql, values = []) {
      const { affectedRows, insertId } = await connection.query(sql, values.map(toParameter));
      onWrite();
      return { affectedRows: Number(affectedRows), insertId: BigInt(insertId) };
    },
  };
}

type ColumnRows = unknown[][] & { readonly meta: readonly { name(): string }[] };

// The connector would write and read a Date with the process's local time.
function toParameter(value: SqlValue): unknown {
  if (Array.isArray(value)) {
    return value.map(toParameter);
  }
  return value instanceof Date ? value.toISOString().replace("T", " ").replace("Z", "") : value;
}
