import type { Database, Queryable, Tx } from "#kit/data/database.ts";

/** How many rows of tables and indexes the server reads while `read` runs. */
export function costOf(database: Database, read: (tx: Tx) => Promise<unknown>): Promise<number> {
  return database.transaction(async tx => {
    // The server does not count the rows of a full-text index.
    let found = 0;
    const counting: Tx = {
      ...tx,
      async query<Row>(...statement: Parameters<Tx["query"]>) {
        const rows = await tx.query<Row>(...statement);
        found += statement[0].includes("AGAINST") ? rows.length : 0;
        return rows;
      },
    };
    const before = await rowsRead(tx);
    await read(counting);
    return (await rowsRead(tx)) - before + found;
  });
}

async function rowsRead(tx: Tx): Promise<number> {
  const [status] = await tx.query<{ rows: string }>(
    `SELECT CAST(SUM(variable_value) AS CHAR) AS \`rows\` FROM information_schema.session_status
      WHERE variable_name IN ('HANDLER_READ_FIRST', 'HANDLER_READ_KEY', 'HANDLER_READ_LAST', 'HANDLER_READ_NEXT',
        'HANDLER_READ_PREV', 'HANDLER_READ_RND')`,
  );
  return Number(status?.rows);
}

/** The indexes that EXPLAIN names for the statements of `read`, and `filesort` where one of them sorts. */
export async function indexesOf(
  database: Queryable,
  read: (from: Queryable) => Promise<unknown>,
): Promise<string> {
  const used = new Set<string>();
  await read({
    ...database,
    async query<Row>(...[sql, values]: Parameters<Queryable["query"]>) {
      const steps = await database.query<{ key: string | null; Extra: string | null }>(
        `EXPLAIN ${sql}`,
        values,
      );
      for (const { key, Extra } of steps) {
        used.add(key ?? "none");
        used.add(Extra?.includes("filesort") ? "filesort" : (key ?? "none"));
      }
      return database.query<Row>(sql, values);
    },
  });
  return [...used].join(",");
}
