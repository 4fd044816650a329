import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "../../dev/servers/mariadb-schemas.ts";
import type { Stack } from "../../dev/stack.ts";
import { until } from "./until.ts";

/** A lock in MariaDB, by which a test stops a service between two of its steps. */
export interface HeldLock {
  /** Waits until so many transactions wait for a lock. */
  waiters(count: number): Promise<void>;
  /** Undoes the statement and lets the others go on. */
  release(): Promise<void>;
}

/** Runs a statement that locks something and keeps its transaction open. */
export async function holdLock(stack: Stack, statement: string, values: unknown[]): Promise<HeldLock> {
  const sql = await connectAdmin(stack.mariadb.url);
  await sql.beginTransaction();
  await sql.query(statement, values);
  return {
    async waiters(count) {
      await until(async () => {
        // MariaDB renews what it tells of locks only when nobody has asked for a tenth of a second.
        await delay(150);
        const [row] = await sql.query(
          "SELECT COUNT(*) AS waiting FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
        );
        return Number(row.waiting) >= count;
      }, `${count} transactions wait for a lock`);
    },
    async release() {
      await sql.rollback();
      await sql.end();
    },
  };
}

/** Stops a purchase between its quote and its first transaction: somebody is about to use the same request id. */
export function stopBeforeOpen(stack: Stack, userId: bigint, requestId: string): Promise<HeldLock> {
  return holdLock(
    stack,
    `INSERT INTO pay.purchase (purchase_id, user_id, request_id, request_hash, state, original_points, amount_points, consent_time, next_attempt_time)
     VALUES (UUID(), ?, ?, '', 'PENDING', 0, 0, NOW(6), NOW(6) + INTERVAL 1 DAY)`,
    [userId, requestId],
  );
}

/** Stops a purchase where it reserves points: the wallet of the buyer is locked. */
export function stopAtWallet(stack: Stack, userId: bigint): Promise<HeldLock> {
  return holdLock(stack, "SELECT 1 FROM point.wallet WHERE user_id = ? FOR UPDATE", [userId]);
}
