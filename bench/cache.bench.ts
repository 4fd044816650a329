import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { createCache } from "#kit/data/cache.ts";
import { openRedis } from "./open-redis.ts";
import { printRow } from "./report.ts";

// 500 reads at once of a key that has expired, by two caches with a connection each as two processes have them, while
// it takes 100 ms to load: how often it is loaded, and how long the slowest of a hundred reads takes.
const reads = 500;
const loadMs = 100;
const rounds = 5;

const server = await openRedis();
const clients = [new Redis(server.url), new Redis(server.url)];
await Promise.all(clients.map(redis => redis.ping()));

type Read = (key: string, load: () => Promise<string>) => Promise<string>;
const caches = clients.map(redis => createCache({ redis, prefix: "bench", freshMs: 60_000 }).read);
const plain = clients.map(
  (redis): Read =>
    async (key, load) => {
      const found = await redis.get(key);
      if (found !== null) {
        return found;
      }
      const value = await load();
      await redis.set(key, value);
      return value;
    },
);

async function stampede(name: string, readers: readonly Read[]): Promise<void> {
  const [loads, slowest]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    let loaded = 0;
    const load = async () => {
      loaded++;
      await delay(loadMs);
      return "value";
    };
    const key = crypto.randomUUID();
    const taken = await Promise.all(
      Array.from({ length: reads }, async (_, index) => {
        const startMs = performance.now();
        await readers[index % readers.length]?.(key, load);
        return performance.now() - startMs;
      }),
    );
    loads?.push(loaded);
    slowest?.push(taken.toSorted((a, b) => a - b)[Math.floor(reads * 0.99)] ?? 0);
  }
  const median = (values: readonly number[] = []) =>
    values.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  printRow([name, "", median(loads), (median(slowest) / loadMs).toFixed(2)]);
}

try {
  printRow(["cache", "", "loads", "p99 / load"]);
  await stampede("read, load, write", plain);
  await stampede("kit/data/cache.ts", caches);
} finally {
  for (const redis of clients) {
    redis.disconnect();
  }
  await server.close();
}
