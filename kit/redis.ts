import { Redis } from "ioredis";
import type { Logger } from "#kit/log.ts";

/** Opens a connection that fails fast while Redis is away, because everything kept there has a fallback. */
export function createRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 500,
    connectTimeout: 2000,
    retryStrategy: attempt => Math.min(attempt * 100, 2000),
  });
  let away = false;
  redis.on("error", error => {
    if (!away) {
      log.warn({ err: error }, "Redis is away");
    }
    away = true;
  });
  redis.on("ready", () => {
    away = false;
  });
  return redis;
}
