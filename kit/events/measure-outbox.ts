import type { Database } from "#kit/data/database.ts";
import type { Metrics } from "#kit/process/metrics.ts";

// Enough to see that something is wrong, and a bound on what counting costs.
const countedMost = 1000;

/**
 * Measures the outbox from the index of what is due: how many events wait, how many are parked, and how long the oldest
 * has been due. Never reads the table, however much was published.
 */
export function measureOutbox({ database, metrics }: Dependencies): () => Promise<boolean> {
  return async () => {
    const [row] = await database.query<{ pending: bigint; parked: bigint; dueMicroseconds: bigint | null }>(
      `SELECT ${countOf("PENDING")} AS pending, ${countOf("PARKED")} AS parked,
        (SELECT TIMESTAMPDIFF(MICROSECOND, MIN(next_attempt_time), NOW(6)) FROM outbox
          WHERE state = 'PENDING') AS due_microseconds`,
    );
    metrics.outboxPending.set(Number(row?.pending ?? 0));
    metrics.outboxParked.set(Number(row?.parked ?? 0));
    metrics.outboxOldestAge.set(Math.max(0, Number(row?.dueMicroseconds ?? 0)) / 1e6);
    return false;
  };
}

function countOf(state: "PENDING" | "PARKED"): string {
  return `(SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE state = '${state}' LIMIT ${countedMost}) AS counted)`;
}

interface Dependencies {
  readonly database: Database;
  readonly metrics: Metrics;
}
