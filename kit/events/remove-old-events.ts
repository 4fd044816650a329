import type { Database } from "#kit/data/database.ts";

const rowsAtOnce = 1000;
/** An inbox row outlives every replay of its event, and a replay refuses what is older than this. */
export const inboxMarginDays = 14;

/**
 * Removes published events after `outboxDays`, and inbox rows 14 days later. Returns true where there is more to
 * remove.
 */
export function removeOldEvents(database: Database, outboxDays: number): () => Promise<boolean> {
  return async () => {
    const outbox = await database.execute(
      `DELETE FROM outbox WHERE state = 'PUBLISHED' AND publish_time < NOW(6) - INTERVAL ? DAY LIMIT ${rowsAtOnce}`,
      [outboxDays],
    );
    const inbox = await database.execute(
      `DELETE FROM inbox WHERE create_time < NOW(6) - INTERVAL ? DAY LIMIT ${rowsAtOnce}`,
      [outboxDays + inboxMarginDays],
    );
    return outbox.affectedRows === rowsAtOnce || inbox.affectedRows === rowsAtOnce;
  };
}
