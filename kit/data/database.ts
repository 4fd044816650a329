import { setTimeout as delay } from "node:timers/promises";
import type { Sequelize, Transaction } from "sequelize";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import {
  driverError,
  isConflict,
  isReadOnly,
  lostConnection,
  pastDeadline,
  withoutConflict,
} from "#kit/data/database-errors.ts";
import { measurePool, traceStatements } from "#kit/data/database-telemetry.ts";
import { type CommittingStatements, withLastStatement } from "#kit/data/last-statement.ts";
import { openSequelize } from "#kit/data/open-sequelize.ts";
import { createPoolLog, noPoolLog, type PoolLog } from "#kit/data/pool-log.ts";
import {
  acquire,
  begin,
  commit,
  discard,
  isCommitted,
  release,
  rollback,
} from "#kit/data/sequelize-transaction.ts";
import { limitStatements } from "#kit/data/statement-deadline.ts";
import { type Statements, statementsOn } from "#kit/data/statements.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";

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
export interface Tx extends Queryable, Pick<CommittingStatements, "executeLast"> {
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
  /** Throws SERVICE_UNAVAILABLE while the server is unreachable, or takes no writes, as after a failover. */
  requireWritable(): Promise<void>;
  close(): Promise<void>;
}

const maxRetries = 3;
// As long as most methods have, so that nothing is repeated for a caller who has gone.
const retryWithinMs = 5000;
const retryBackoff = { baseMs: 10, maxMs: 40 };
const hourMs = 3_600_000;

interface DatabaseOptions {
  /** `mariadb://user:password@host:port/schema` */
  readonly url: string;
  readonly poolSize: number;
  /** Silence after which a connection is dropped; an hour if not given, for the long statements of commands. */
  readonly socketTimeoutMs?: number;
  /** Where a service logs outages and measures its pool; a command does neither. */
  readonly observed?: { readonly log: Logger; readonly metrics: Metrics };
}

/** Opens a pool. */
export function createDatabase({
  url,
  poolSize,
  socketTimeoutMs = hourMs,
  observed,
}: DatabaseOptions): Database {
  const sequelize = openSequelize({ url, poolSize, socketTimeoutMs });
  limitStatements(sequelize);
  traceStatements(sequelize);
  if (observed !== undefined) {
    measurePool(sequelize, observed.metrics);
  }
  const pool = { sequelize, log: observed === undefined ? noPoolLog : createPoolLog(observed.log) };
  return {
    sequelize,
    query: (sql, values) => withStatements(pool, statements => statements.query(sql, values)),
    execute: (sql, values) => withStatements(pool, statements => statements.execute(sql, values)),
    transaction: work => transact(pool, work),
    requireWritable: () => withStatements(pool, requireWritable),
    close: () => sequelize.close(),
  };
}

async function requireWritable(statements: Statements): Promise<void> {
  const [row] = await statements.query<{ readOnly: bigint | number | string }>(
    "SELECT @@GLOBAL.read_only AS read_only",
  );
  // A number, and from MariaDB 12 on a word.
  if (!["0", "OFF"].includes(String(row?.readOnly))) {
    throw new Failure(Reason.SERVICE_UNAVAILABLE, { cause: new Error("the database is read-only") });
  }
}

interface Pool {
  readonly sequelize: Sequelize;
  readonly log: PoolLog;
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
  const transaction = await available(pool, () => begin(sequelize));
  const actions: (() => void)[] = [];
  let result: T;
  try {
    result = await work({
      ...withLastStatement(transaction, log.wrote),
      sequelize,
      handle: transaction.handle,
      afterCommit: action => actions.push(action),
    });
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

async function available<T>({ log }: Pool, open: () => Promise<T>): Promise<T> {
  try {
    const opened = await open();
    log.connected();
    return opened;
  } catch (cause) {
    log.failed(cause, false);
    throw new Failure(Reason.SERVICE_UNAVAILABLE, { cause });
  }
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
