import type { Connection } from "mariadb";
import { type Sequelize, Transaction } from "sequelize";

/**
 * An open transaction on a connection of the pool, and the handle by which Sequelize's models use that connection.
 * Sequelize's own begin and commit do the same with some promises more, and print a line that is not JSON when they
 * fail.
 */
export interface OpenTransaction {
  readonly connection: Connection;
  readonly handle: Transaction & { finished?: Ending };
  /** What was sent: nothing, a start that is not answered yet, one that may have failed, or one that did not. */
  progress: "new" | "starting" | "sent" | "started";
  /** Rejects where a start that was sent by itself has failed. */
  start?: Promise<unknown>;
}

/** A model that is given the handle of a transaction that has ended throws. */
type Ending = "commit" | "rollback";

interface Connections {
  getConnection(options: { type: "write" }): Promise<Connection>;
  releaseConnection(connection: Connection): void;
  destroyConnection(connection: Connection): Promise<void>;
}

const connectionsOf = ({ connectionManager }: Sequelize) => connectionManager as unknown as Connections;

/** Takes a connection from the pool; return it with `release`. */
export function acquire(sequelize: Sequelize): Promise<Connection> {
  return connectionsOf(sequelize).getConnection({ type: "write" });
}

/** Returns a connection to the pool. */
export function release(sequelize: Sequelize, connection: Connection): void {
  connectionsOf(sequelize).releaseConnection(connection);
}

/** Takes a connection from the pool for a transaction. */
export async function open(sequelize: Sequelize): Promise<OpenTransaction> {
  const connection = await acquire(sequelize);
  const handle = Object.assign(new Transaction(sequelize, {}), { connection });
  return { connection, handle, progress: "new" };
}

/**
 * Starts a transaction that has not started. The next statement follows without waiting for the answer, which comes
 * before its own; where the start fails, the connection is closed. No other statement may follow one that writes
 * without waiting: after a deadlock the server would run it outside of the transaction.
 */
export function start(transaction: OpenTransaction): void {
  requireNotStarting(transaction);
  if (transaction.progress !== "started") {
    const { connection } = transaction;
    transaction.progress = "started";
    transaction.start = connection.query("START TRANSACTION");
    transaction.start.catch(() => connection.destroy());
  }
}

/** Throws while a first statement is in flight with the start: a second start would commit what it has done. */
export function requireNotStarting({ progress }: OpenTransaction): void {
  if (progress === "starting") {
    throw new Error("await the first statement of a transaction before the next");
  }
}

/** Commits unless the last statement did, and returns the connection to the pool; closes it if that fails. */
export async function commit(sequelize: Sequelize, transaction: OpenTransaction): Promise<void> {
  await end(sequelize, transaction, "COMMIT");
}

/** Rolls back, and returns the connection to the pool; closes the connection if that fails. */
export async function rollback(sequelize: Sequelize, transaction: OpenTransaction): Promise<void> {
  await end(sequelize, transaction, "ROLLBACK");
}

/** Closes the connection, which rolls back. */
export function discard(sequelize: Sequelize, transaction: OpenTransaction): Promise<void> {
  markFinished(transaction, "rollback");
  return connectionsOf(sequelize).destroyConnection(transaction.connection);
}

async function end(
  sequelize: Sequelize,
  transaction: OpenTransaction,
  sql: "COMMIT" | "ROLLBACK",
): Promise<void> {
  const { connection, progress } = transaction;
  try {
    if (progress !== "new" && !isCommitted(transaction)) {
      await transaction.start;
      await connection.query(sql);
    }
  } catch (error) {
    await discard(sequelize, transaction).catch(() => {});
    throw error;
  }
  markFinished(transaction, sql === "COMMIT" ? "commit" : "rollback");
  release(sequelize, connection);
}

/** Whether a transaction has ended with a commit. */
export function isCommitted({ handle }: Pick<OpenTransaction, "handle">): boolean {
  return handle.finished === "commit";
}

/** Says how a transaction has ended, which is said once. */
export function markFinished({ handle }: Pick<OpenTransaction, "handle">, ending: Ending): void {
  handle.finished ??= ending;
}
