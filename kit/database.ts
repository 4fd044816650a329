import type { Connection } from "mariadb";
import { Sequelize, type Transaction } from "sequelize";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/failure.ts";

/** A value in a statement; a list stands for `IN (?)`. */
export type SqlValue = string | number | bigint | boolean | Date | Uint8Array | null | readonly SqlValue[];

/** Runs parameterised SQL. BIGINT comes back as bigint, DATETIME as Date in UTC. */
export interface Queryable {
  query<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** `affectedRows` counts the rows that matched, changed or not; `insertId` is 0n without an AUTO_INCREMENT. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<{ affectedRows: number; insertId: bigint }>;
}

/** An open transaction, and the only way to query inside one. */
export interface Tx extends Queryable {
  /** Runs `action` once the transaction is committed, and never if it is not. */
  afterCommit(action: () => void): void;
}

/** A pool of connections to one schema. */
export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction, READ COMMITTED. Deadlocks, lock timeouts and snapshot conflicts run the whole of it again, at most three
   * times, so it must have no effect outside the transaction.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  readonly sequelize: Sequelize;
  close(): Promise<void>;
}

const maxRetries = 3;
const retryable: ReadonlySet<number> = new Set([1213, 1205, 1020]);

/** Opens a pool. `url` is `mariadb://user:password@host:port/schema`. */
export function createDatabase({ url, poolSize }: { url: string; poolSize: number }): Database {
  const sequelize = new Sequelize(url, {
    dialect: "mariadb",
    logging: false,
    timezone: "+00:00",
    pool: { max: poolSize, min: 0, acquire: 10_000, idle: 60_000 },
    dialectOptions: {
      foundRows: true,
      bigIntAsNumber: false,
      insertIdAsNumber: false,
      decimalAsNumber: false,
      supportBigNumbers: false,
      timezone: "Z",
      connectTimeout: 3000,
      // Errors are logged, and values may be anybody's secrets.
      logParam: false,
      initSql: [
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET time_zone = '+00:00', innodb_lock_wait_timeout = 5",
      ],
      typeCast: (_field: unknown, next: () => unknown) => next(),
    },
  });
  const { connectionManager } = sequelize as unknown as Pooled;
  const withConnection = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await available(() => connectionManager.getConnection({ type: "write" }));
    try {
      return await work(connection);
    } catch (error) {
      throw lostConnection(error) ?? error;
    } finally {
      connectionManager.releaseConnection(connection);
    }
  };
  return {
    sequelize,
    query: (sql, values) => withConnection(connection => queryable(connection).query(sql, values)),
    execute: (sql, values) => withConnection(connection => queryable(connection).execute(sql, values)),
    transaction: work => transact(sequelize, work),
    close: () => sequelize.close(),
  };
}

interface Pooled {
  readonly connectionManager: {
    getConnection(options: { type: "write" }): Promise<Connection>;
    releaseConnection(connection: Connection): void;
  };
}

function queryable(connection: Connection): Queryable {
  return {
    query: async (sql, values = []) => Array.from(await connection.query(sql, values as unknown[])),
    execute: async (sql, values = []) => {
      const { affectedRows, insertId } = await connection.query(sql, values as unknown[]);
      return { affectedRows: Number(affectedRows), insertId: BigInt(insertId) };
    },
  };
}

async function transact<T>(sequelize: Sequelize, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(sequelize, work);
    } catch (error) {
      if (attempt > maxRetries || !retryable.has(errorNumber(error) ?? 0)) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, attempt * 5 + Math.random() * 20));
    }
  }
}

async function runOnce<T>(sequelize: Sequelize, work: (tx: Tx) => Promise<T>): Promise<T> {
  const transaction = await available(() => sequelize.transaction());
  const actions: (() => void)[] = [];
  let result: T;
  try {
    const { connection } = transaction as Transaction & { connection: Connection };
    result = await work({ ...queryable(connection), afterCommit: action => actions.push(action) });
  } catch (error) {
    const lost = lostConnection(error);
    // Without a connection there is nothing to roll back, and Sequelize would say so beside the log.
    await (lost === undefined ? transaction.rollback() : discard(transaction)).catch(() => {});
    throw lost ?? error;
  }
  await transaction.commit().catch((error: unknown) => {
    throw lostConnection(error) ?? error;
  });
  for (const action of actions) {
    action();
  }
  return result;
}

function discard(transaction: Transaction): Promise<void> {
  return (transaction as Transaction & { forceCleanup(): Promise<void> }).forceCleanup();
}

async function available<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    throw new Failure(Reason.SERVICE_UNAVAILABLE, { cause });
  }
}

function lostConnection(cause: unknown): Failure | undefined {
  const lost = typeof cause === "object" && cause !== null && "fatal" in cause && cause.fatal === true;
  return lost ? new Failure(Reason.SERVICE_UNAVAILABLE, { cause }) : undefined;
}

function errorNumber(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "errno" in error ? Number(error.errno) : undefined;
}

/** The name of the unique key that a statement violated, or undefined where the error is another one. */
export function violatedKey(error: unknown): string | undefined {
  if (errorNumber(error) !== 1062 || !(error instanceof Error)) {
    return undefined;
  }
  return /for key '(?:[^'.]+\.)?([^']+)'/.exec(error.message)?.[1];
}
