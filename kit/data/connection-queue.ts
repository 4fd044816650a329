import type { Connection } from "mariadb";
import type { Sequelize } from "sequelize";
import { requireTimeLeft } from "#kit/data/statement-deadline.ts";

/** Those who wait for a connection of a pool. */
export interface ConnectionQueue {
  /** Milliseconds for which the first of them has waited; 0 while no one waits, or the pool may open another one. */
  waitedMs(): number;
}

type GetConnection = (...options: unknown[]) => Promise<Connection>;

interface ConnectionManager {
  getConnection: GetConnection;
  releaseConnection(connection: Connection): void;
  readonly pool: { readonly using: number; readonly maxSize: number };
}

/**
 * Watches who waits for a connection, models included. A call that gets one after its deadline returns it at once,
 * and starts no transaction on it.
 */
export function watchConnections(
  sequelize: Sequelize,
  observe: (waitedSeconds: number) => void,
): ConnectionQueue {
  const manager = sequelize.connectionManager as unknown as ConnectionManager;
  const getConnection = manager.getConnection.bind(manager);
  const waiting = new Set<{ readonly sinceMs: number }>();
  manager.getConnection = async (...options) => {
    requireTimeLeft();
    const waiter = { sinceMs: performance.now() };
    waiting.add(waiter);
    const connection = await getConnection(...options).finally(() => waiting.delete(waiter));
    observe((performance.now() - waiter.sinceMs) / 1000);
    try {
      requireTimeLeft();
    } catch (error) {
      manager.releaseConnection(connection);
      throw error;
    }
    return connection;
  };
  return {
    waitedMs() {
      const [first] = waiting;
      const isFull = manager.pool.using >= manager.pool.maxSize;
      return first === undefined || !isFull ? 0 : performance.now() - first.sinceMs;
    },
  };
}
