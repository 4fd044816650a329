import { setTimeout as delay } from "node:timers/promises";
import type { Sequelize, Transaction } from "sequelize";
import type { ConnectionQueue } from "#kit/data/connection-queue.ts";
import {
  driverError,
  isConflict,
  isReadOnly,
  lostConnection,
  pastDeadline,
  withoutConflict,
} from "#kit/data/database-errors.ts";
import { available, checkWritable, openPools, type Pool, type PoolOptions } from "#kit/data/pool.ts";
import {
  acquire,
  commit,
  discard,
  isCommitted,
  open,
  release,
  rollback,
  start,
} from "#kit/data/sequelize-transaction.ts";
import { type Statements, statementsOn } from "#kit/data/statements.ts";
import { type TransactionStatements, transactionStatements } from "#kit/data/transaction-statements.ts";
import { backoffMs } from "#kit/process/backoff.ts";

/** A value in a statement; a list is expanded for `IN (?)`. */
export type SqlValue = string | number | bigint | boolean | Date | Uint8Array | null | readonly SqlValue[];

/**
 * Runs parameterized SQL. Rows come back with camelCase names: BIGINT as bigint, DATETIME as a Date whatever the time
 * zone of the process, DATE as `YYYY-MM-DD`, BOOLEAN as boolean.
 */
export interface Queryable {
  query<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** `affectedRows` counts the rows that matched, changed or not; `insertId` is 0n without an AUTO_INCREMENT. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<{ affectedRows: number; insertId: bigint }>;
  /** For models, which `kit/data/model.ts` binds to this pool or transaction. */
  readonly sequelize: Sequelize;
}

/** An open transaction, and the only way to query inside one. */
export interface Tx extends Queryable, Pick<TransactionStatements, "deferred" | "executeLast"> {
  /** Puts the query of a model into this transaction. */
  readonly handle: Transaction;
  /** Runs `action` once the transaction is committed, and never if it is not. */
  afterCommit(action: () => void): void;
}

/** A pool of connections to one schema. */
export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction, READ COMMITTED. Deadlocks, lock timeouts and snapshot conflicts run the whole of
   * it again, at most three times and not after its caller has gone, so it must have no effect outside the transaction.
   * Throws SERVICE_UNAVAILABLE where they persist.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Throws SERVICE_UNAVAILABLE while the server is unreachable, or takes no writes, as after a failover. Asks by a
   * connection of its own, so that the answer does not wait for those who use the pool.
   */
  requireWritable(): Promise<void>;
  readonly connectionQueue: ConnectionQueue;
  close(): Promise<void>;
}

const maxRetries = 3;
// As long as most methods have, so that nothing is repeated for a caller who has gone.
const retryWithinMs = 5000;
const retryBackoff = { baseMs: 10, maxMs: 40 };
/** Opens a pool. */
export function createDatabase(options: PoolOptions): Database {
  const { pool, probe, queue } = openPools(options);
  return {
    sequelize: pool.sequelize,
    query: (sql, values) => withStatements(pool, statements => statements.query(sql, values)),
    execute: (sql, values) => withStatements(pool, statements => statements.execute(sql, values)),
    transaction: work => transact(pool, work),
    requireWritable: () => withStatements(probe, checkWritable),
    connectionQueue: queue,
    async close() {
      await Promise.all([pool, probe].map(({ sequelize }) => sequelize.close()));
    },
  };
}

async function withStatements<T>(pool: Pool, work: (statements: Statements) => Promise<T>): Promise<T> {
  const { sequelize } = pool;
  const connection = await available(pool, () => acquire(sequelize));
  try {
    return await work(statementsOn(connection, pool.log.wrote));
  } catch (error) {
    throw withoutConflict(translate(error, pool));
  } finally {
    release(sequelize, connection);
  }
}

async function transact<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const startMs = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(pool, work);
    } catch (error) {
      const isLate = attempt > maxRetries || performance.now() - startMs > retryWithinMs;
      if (isLate || !isConflict(error)) {
        throw withoutConflict(error);
      }
      await delay(backoffMs(attempt, retryBackoff));
    }
  }
}

async function runOnce<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { sequelize, log } = pool;
  const transaction = await available(pool, () => open(sequelize));
  const { commitDeferred, ...statements } = transactionStatements(transaction, log.wrote);
  const actions: (() => void)[] = [];
  let result: T;
  try {
    result = await work({
      ...statements,
      sequelize,
      get handle() {
        start(transaction);
        return transaction.handle;
      },
      afterCommit: action => actions.push(action),
    });
    await commitDeferred();
  } catch (error) {
    // Without a connection there is nothing to roll back.
    const end = lostConnection(error) === undefined ? rollback : discard;
    await end(sequelize, transaction).catch(() => {});
    throw isCommitted(transaction) ? withoutConflict(translate(error, pool)) : translate(error, pool);
  }
  await commit(sequelize, transaction).catch((error: unknown) => {
    throw translate(error, pool);
  });
  for (const action of actions) {
    action();
  }
  return result;
}

function translate(error: unknown, { log }: Pool): unknown {
  const lost = lostConnection(error);
  if (lost !== undefined) {
    log.failed(error, isReadOnly(error));
  }
  return lost ?? pastDeadline(error) ?? error;
}

/** The name of the unique key that a statement violated, or undefined where the error is another one. */
export function violatedKey(error: unknown): string | undefined {
  const { errno, message = "" } = driverError(error);
  return errno === 1062 ? /for key '(?:[^'.]+\.)?([^']+)'/.exec(message)?.[1] : undefined;
}
