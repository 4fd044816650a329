import type { Logger } from "#kit/process/log.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/** Logs when a database becomes unavailable, or takes no writes, and when it is back: each once. */
export interface PoolLog {
  failed(error: unknown, isReadOnly: boolean): void;
  connected(): void;
  wrote(): void;
}

/** Creates the log of a pool. A read-only server still accepts connections, so the two are tracked separately. */
export function createPoolLog(log: Logger): PoolLog {
  const connection = createOutageLog(log, "mariadb");
  const writes = createOutageLog(log, "mariadb for writes");
  return {
    failed: (error, isReadOnly) => (isReadOnly ? writes : connection).failed(error),
    connected: () => connection.recovered(),
    wrote: () => writes.recovered(),
  };
}

/** For the pool of a command, which reports its errors itself. */
export const noPoolLog: PoolLog = { failed() {}, connected() {}, wrote() {} };
