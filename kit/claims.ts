import type { Database } from "#kit/database.ts";

export interface ClaimOptions {
  /** A table with the columns claimed_by, claimed_until, next_attempt_time and attempts. */
  readonly table: string;
  /** The name of its primary key. */
  readonly key: string;
  /** SQL that tells which rows have work; constant, never from input. */
  readonly due: string;
  readonly owner: string;
  readonly limit: number;
  /** Milliseconds for which nobody else takes the rows. */
  readonly claimMs: number;
}

/**
 * Claims rows whose work is due, oldest first, in a short transaction of its own, so that any number of replicas may look for work and a row
 * that fails holds up no other. Counts an attempt on each row.
 */
export function claimDue<Key extends string | bigint>(
  database: Database,
  options: ClaimOptions,
): Promise<Key[]> {
  const { table, key, due, owner, limit, claimMs } = options;
  return database.transaction(async tx => {
    const rows = await tx.query<{ id: Key }>(
      `SELECT ${key} AS id FROM ${table}
        WHERE (${due}) AND next_attempt_time <= NOW(6) AND (claimed_until IS NULL OR claimed_until <= NOW(6))
        ORDER BY next_attempt_time LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
    );
    const ids = rows.map(row => row.id);
    if (ids.length > 0) {
      await tx.execute(
        `UPDATE ${table} SET claimed_by = ?, claimed_until = NOW(6) + INTERVAL ? MICROSECOND, attempts = attempts + 1 WHERE ${key} IN (?)`,
        [owner, claimMs * 1000, ids],
      );
    }
    return ids;
  });
}

/** Milliseconds to wait after the n-th attempt: doubles from `baseMs`, at most `maxMs`, with jitter. */
export function backoffMs(attempts: number, { baseMs, maxMs }: { baseMs: number; maxMs: number }): number {
  return Math.round(Math.min(baseMs * 2 ** Math.min(attempts, 20), maxMs) * (0.5 + Math.random() / 2));
}
