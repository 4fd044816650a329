import type { Sequelize } from "sequelize";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { type ConnectionQueue, queueForConnections } from "#kit/data/connection-queue.ts";
import { measurePool, traceStatements } from "#kit/data/database-telemetry.ts";
import { openSequelize } from "#kit/data/open-sequelize.ts";
import { createPoolLog, noPoolLog, type PoolLog } from "#kit/data/pool-log.ts";
import { limitStatements } from "#kit/data/statement-deadline.ts";
import type { Statements } from "#kit/data/statements.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";

export interface PoolOptions {
  /** `mariadb://user:password@host:port/schema` */
  readonly url: string;
  readonly poolSize: number;
  /** Silence after which a connection is dropped; an hour if not given, for the long statements of commands. */
  readonly socketTimeoutMs?: number;
  /** Where a service logs outages and measures its pool; a command does neither. */
  readonly observed?: { readonly log: Logger; readonly metrics: Metrics };
}

/** Connections to one schema, and what is logged about them. */
export interface Pool {
  readonly sequelize: Sequelize;
  readonly log: PoolLog;
}

const hourMs = 3_600_000;
// As long as a probe waits.
const probeTimeoutMs = 2000;

/** Opens a pool, and one of a single connection by which the server is asked how it is while all others are in use. */
export function openPools({ url, poolSize, socketTimeoutMs = hourMs, observed }: PoolOptions): {
  readonly pool: Pool;
  readonly probe: Pool;
  readonly queue: ConnectionQueue;
} {
  const sequelize = openSequelize({ url, poolSize, socketTimeoutMs });
  const queue = queueForConnections(sequelize, seconds => observed?.metrics.connectionWait.observe(seconds));
  limitStatements(sequelize);
  traceStatements(sequelize);
  if (observed !== undefined) {
    measurePool(sequelize, queue, observed.metrics);
  }
  const log = observed === undefined ? noPoolLog : createPoolLog(observed.log);
  const probeSequelize = openSequelize({
    url,
    poolSize: 1,
    socketTimeoutMs: Math.min(socketTimeoutMs, probeTimeoutMs),
    // One that is kept may be silent.
    maxUses: 1,
  });
  const probe = { sequelize: probeSequelize, log };
  return { pool: { sequelize, log }, probe, queue };
}

/** Opens a connection or a transaction; throws SERVICE_UNAVAILABLE where there is none. */
export async function available<T>({ log }: Pool, open: () => Promise<T>): Promise<T> {
  try {
    const opened = await open();
    log.connected();
    return opened;
  } catch (cause) {
    if (cause instanceof Failure) {
      throw cause;
    }
    log.failed(cause, false);
    throw new Failure(Reason.SERVICE_UNAVAILABLE, { cause });
  }
}

/** Throws SERVICE_UNAVAILABLE where the server takes no writes. */
export async function checkWritable(statements: Statements): Promise<void> {
  const [row] = await statements.query<{ readOnly: bigint | number | string }>(
    "SELECT @@GLOBAL.read_only AS read_only",
  );
  // A number, and from MariaDB 12 on a word.
  if (!["0", "OFF"].includes(String(row?.readOnly))) {
    throw new Failure(Reason.SERVICE_UNAVAILABLE, { cause: new Error("the database is read-only") });
  }
}
