import { Redis } from "ioredis";
import type { Logger } from "#kit/process/log.ts";
import { createOutageLog } from "#kit/process/outage-log.ts";

/** Opens a connection that fails fast while Redis is unavailable: everything stored there has a fallback. */
export function createRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 500,
    // A connection that answers nothing for this long is dropped.
    socketTimeout: 2000,
    connectTimeout: 2000,
    retryStrategy: attempt => Math.min(attempt * 100, 2000),
  });
  const outage = createOutageLog(log, "redis");
  redis.on("error", error => outage.failed(error));
  redis.on("ready", () => outage.recovered());
  return redis;
}
