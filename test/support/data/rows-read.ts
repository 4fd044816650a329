import type { Database, Tx } from "#kit/data/database.ts";

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
