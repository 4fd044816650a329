import type { Redis } from "ioredis";
import Redlock, { type Lock } from "redlock";

/**
 * Runs `work` unless another replica holds the lease of that name; then returns undefined without
 * running it. A lease only saves work: while Redis is unavailable every replica runs, so correctness must come from
 * elsewhere.
 */
export type RunWithLease = <T>(
  name: string,
  leaseMs: number,
  work: () => Promise<T>,
) => Promise<T | undefined>;

/** Creates leases in Redis. */
export function createLeases(redis: Redis): RunWithLease {
  const redlock = new Redlock([redis], { retryCount: 0 });
  redlock.on("clientError", () => {});
  return async (name, leaseMs, work) => {
    let lock: Lock | undefined;
    try {
      lock = await redlock.lock(`lease:${name}`, leaseMs);
    } catch {
      if ((await redis.exists(`lease:${name}`).catch(() => 0)) === 1) {
        return undefined;
      }
    }
    try {
      return await work();
    } finally {
      await lock?.unlock().catch(() => {});
    }
  };
}
