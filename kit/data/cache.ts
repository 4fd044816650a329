import type { Redis } from "ioredis";
import { createLeases } from "#kit/data/lease.ts";
import { outliveCall } from "#kit/data/statement-deadline.ts";

/** A cache in Redis in front of something that is slow to load. */
interface Cache {
  /**
   * The value under `key`, or the result of `load`; one load at a time per process, and almost always one over all
   * processes.
   */
  read(key: string, load: () => Promise<string>): Promise<string>;
  /** Drops the value under `key`, if Redis is available. */
  forget(key: string): Promise<void>;
}

interface CacheOptions {
  readonly redis: Redis;
  readonly prefix: string;
  /** Milliseconds for which a value is served without loading it again. */
  readonly freshMs: number;
}

const leaseMs = 2000;
const pollMs = 25;

/**
 * Makes a cache with stampede protection. While Redis is unavailable every read loads, still one at a time per key
 * and process.
 */
export function createCache({ redis, prefix, freshMs }: CacheOptions): Cache {
  const loading = new Map<string, Promise<string>>();
  const runWithLease = createLeases(redis);
  return {
    async read(key, load) {
      const name = `${prefix}:${key}`;
      const found = await get(redis, name);
      if (found !== undefined) {
        return found;
      }
      const running =
        loading.get(name) ?? outliveCall(() => fill(name, load)).finally(() => loading.delete(name));
      loading.set(name, running);
      return running;
    },
    async forget(key) {
      await redis.del(`${prefix}:${key}`).catch(() => {});
    },
  };

  async function fill(name: string, load: () => Promise<string>): Promise<string> {
    const loadAndStore = async () => {
      const value = await load();
      await redis.set(name, value, "PX", freshMs).catch(() => {});
      return value;
    };
    const loaded = await runWithLease(name, leaseMs, loadAndStore);
    return loaded ?? (await waitFor(redis, name)) ?? loadAndStore();
  }
}

async function get(redis: Redis, name: string): Promise<string | undefined> {
  return (await redis.get(name).catch(() => null)) ?? undefined;
}

// Another process is loading; it has as long as its lease.
async function waitFor(redis: Redis, name: string): Promise<string | undefined> {
  for (let waitedMs = 0; waitedMs < leaseMs; waitedMs += pollMs) {
    await new Promise(resolve => setTimeout(resolve, pollMs));
    const found = await get(redis, name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
