import type { Connection } from "mariadb";
import { ConnectionAcquireTimeoutError, type Sequelize } from "sequelize";
import { requireTimeLeft, workStartMs } from "#kit/data/statement-deadline.ts";

/** Those who wait for a connection of a pool. */
export interface ConnectionQueue {
  /** How many wait. */
  length(): number;
  /** Milliseconds for which the longest has waited; 0 while no one waits, or the pool may open another one. */
  waitedMs(): number;
}

type GetConnection = (...options: unknown[]) => Promise<Connection>;

interface ConnectionManager {
  getConnection: GetConnection;
  readonly pool: SequelizePool;
}

interface SequelizePool {
  readonly using: number;
  readonly maxSize: number;
  readonly acquireTimeoutMillis: number;
  release(connection: Connection): void;
  destroy(connection: Connection): Promise<void>;
}

/**
 * Decides who gets a connection, models included: the call that began first, so that one which is half done does not
 * wait behind new ones for each of its statements. A call that gets its turn after its deadline takes none.
 */
export function queueForConnections(
  sequelize: Sequelize,
  observe: (waitedSeconds: number) => void,
): ConnectionQueue {
  const manager = sequelize.connectionManager as unknown as ConnectionManager;
  const { pool } = manager;
  const getConnection = manager.getConnection.bind(manager);
  const waiting = createWaiting(pool.acquireTimeoutMillis);
  // Between its turn and its connection.
  let acquiring = 0;
  const isFull = () => pool.using + acquiring >= pool.maxSize;
  const admitNext = () => {
    while (!isFull() && waiting.admitFirst()) {
      acquiring += 1;
    }
  };
  afterEach(pool, "release", admitNext);
  afterEach(pool, "destroy", admitNext);
  manager.getConnection = async (...options) => {
    requireTimeLeft();
    const sinceMs = performance.now();
    if (isFull()) {
      await waiting.turn(sinceMs);
    } else {
      acquiring += 1;
    }
    try {
      requireTimeLeft();
      return await getConnection(...options);
    } finally {
      acquiring -= 1;
      observe((performance.now() - sinceMs) / 1000);
      admitNext();
    }
  };
  return { length: waiting.length, waitedMs: () => (isFull() ? waiting.longestMs() : 0) };
}

function afterEach(pool: SequelizePool, name: "release" | "destroy", next: () => void): void {
  const act = pool[name].bind(pool);
  pool[name] = connection => {
    const done = act(connection) as Promise<void>;
    next();
    return done;
  };
}

interface Waiter {
  readonly startMs: number;
  readonly sinceMs: number;
  enter(): void;
}

/** Waiters in the order in which their calls began. */
function createWaiting(timeoutMs: number) {
  const byStart: Waiter[] = [];
  return {
    turn: (sinceMs: number) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          byStart.splice(byStart.indexOf(waiter), 1);
          reject(new ConnectionAcquireTimeoutError(new Error(`no connection within ${timeoutMs} ms`)));
        }, timeoutMs);
        const waiter: Waiter = {
          startMs: workStartMs() ?? sinceMs,
          sinceMs,
          enter() {
            clearTimeout(timer);
            resolve();
          },
        };
        const before = byStart.findLastIndex(({ startMs }) => startMs <= waiter.startMs);
        byStart.splice(before + 1, 0, waiter);
      }),
    /** Returns false where no one waits. */
    admitFirst(): boolean {
      const first = byStart.shift();
      if (first === undefined) {
        return false;
      }
      first.enter();
      return true;
    },
    length: () => byStart.length,
    longestMs(): number {
      const nowMs = performance.now();
      return byStart.reduce((longestMs, { sinceMs }) => Math.max(longestMs, nowMs - sinceMs), 0);
    },
  };
}
