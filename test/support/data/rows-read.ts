import type { Database, Tx } from "#kit/data/database.ts";

/** How many rows of tables and indexes the server reads while `read` runs. */
export function costOf(database: Database, read: (tx: Tx) => Promise<unknown>): Promise<number> {
  return database.transaction(async tx => {
    const before = await rowsRead(tx);
    await read(tx);
    return (await rowsRead(tx)) - before;
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
