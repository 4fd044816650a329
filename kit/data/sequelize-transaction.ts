import { type Sequelize, Transaction } from "sequelize";

// Sequelize.transaction, Transaction.commit and Transaction.rollback do the same, and print a line that is not JSON
// when they fail.

interface Internals {
  readonly sequelize: Sequelize;
  rollback(): Promise<void>;
  prepareEnvironment(useCls: boolean): Promise<void>;
  cleanup(): void;
  forceCleanup(): Promise<void>;
}

const internalsOf = (transaction: Transaction) => transaction as unknown as Internals;

/** Takes a connection from the pool and starts a transaction on it; closes the connection if that fails. */
export async function begin(sequelize: Sequelize): Promise<Transaction> {
  const transaction = new Transaction(sequelize, {});
  const internals = internalsOf(transaction);
  internals.rollback = () => internals.forceCleanup();
  await internals.prepareEnvironment(false);
  Reflect.deleteProperty(internals, "rollback");
  return transaction;
}

/** Commits, and returns the connection to the pool; closes the connection if that fails. */
export function commit(transaction: Transaction): Promise<void> {
  return end(transaction, queries => queries.commitTransaction(transaction, {}));
}

/** Rolls back, and returns the connection to the pool; closes the connection if that fails. */
export function rollback(transaction: Transaction): Promise<void> {
  return end(transaction, queries => queries.rollbackTransaction(transaction, {}));
}

/** Closes the connection, which rolls back. */
export function discard(transaction: Transaction): Promise<void> {
  return internalsOf(transaction).forceCleanup();
}

async function end(
  transaction: Transaction,
  run: (queries: ReturnType<Sequelize["getQueryInterface"]>) => Promise<void>,
): Promise<void> {
  try {
    await run(internalsOf(transaction).sequelize.getQueryInterface());
  } catch (error) {
    await discard(transaction).catch(() => {});
    throw error;
  }
  internalsOf(transaction).cleanup();
}
