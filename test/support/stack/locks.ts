import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { until } from "./until.ts";

/** A lock in MariaDB with which a test stops a service between two steps. */
export interface HeldLock {
  /** Resolves when this many transactions wait for a lock. */
  waiters(count: number): Promise<void>;
  /** Rolls back the statement, so that the waiting transactions continue. May be repeated. */
  release(): Promise<void>;
}

/** Runs a statement that takes a lock and leaves its transaction open. */
export async function holdLock(stack: Stack, statement: string, values: unknown[]): Promise<HeldLock> {
  const sql = await connectAdmin(stack.mariadb.url);
  await sql.beginTransaction();
  await sql.query(statement, values);
  return {
    async waiters(count) {
      await until(async () => {
        // MariaDB refreshes this table only if it has not been read for a tenth of a second.
        await delay(150);
        const [row] = await sql.query(
          "SELECT COUNT(*) AS waiting FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
        );
        return Number(row.waiting) >= count;
      }, `${count} transactions wait for a lock`);
    },
    async release() {
      if (sql.isValid()) {
        await sql.rollback();
        await sql.end();
      }
    },
  };
}

/** Stops a purchase between its quote and its first transaction, by an open transaction with the same request id. */
export function stopBeforeOpen(stack: Stack, userId: bigint, requestId: string): Promise<HeldLock> {
  return holdLock(
    stack,
    `INSERT INTO pay.purchase
       (purchase_id, user_id, request_id, request_hash, state, original_points, amount_points, consent_time)
     VALUES (UUID(), ?, ?, '', 'PENDING', 0, 0, NOW(6))`,
    [userId, requestId],
  );
}

/** Stops a purchase at the reservation of points, by a lock on the buyer's wallet. */
export function stopAtWallet(stack: Stack, userId: bigint): Promise<HeldLock> {
  return holdLock(stack, "SELECT 1 FROM point.wallet WHERE user_id = ? FOR UPDATE", [userId]);
}
