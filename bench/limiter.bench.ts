import { Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { createRedis } from "#kit/data/redis.ts";
import { createLog } from "#kit/process/log.ts";
import { createRateLimiter } from "#kit/rpc/rate-limits.ts";
import { compare } from "./compare.ts";
import { openRedis } from "./open-redis.ts";

// 64 calls at once of 1,000 callers: the least that asks Redis, and the limit of calls; and how many calls of callers
// who exceed it are let through, over two connections as two replicas have them.
const parallel = 64;
const callers = 1000;
const calls = 40_000;
const perMinute = 50;

const server = await openRedis();
const log = createLog("bench", "info");
const clients = [createRedis(server.url, log), createRedis(server.url, log)];
const [redis, other] = clients;
await Promise.all(clients.map(client => waitForReady(client)));

function limiterOf(client = redis, limit = 1_000_000_000) {
  if (client === undefined) {
    throw new TypeError("there are two clients");
  }
  const rates = {
    writePerMinute: limit,
    moneyPerMinute: limit,
    secretPerMinute: limit,
    mailPerMinute: limit,
  };
  return createRateLimiter(client, { readPerMinute: limit, ...rates }, log);
}

/** Does some work again and again, 64 at once. */
async function repeat(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const worker = async () => {
    while (next < times) {
      await work(next++);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return times;
}

async function waitForReady(client: (typeof clients)[number]): Promise<void> {
  while (client.status !== "ready") {
    await new Promise(resolve => client.once("ready", resolve));
  }
}

try {
  const limit = limiterOf();
  await compare("calls", [
    {
      name: "bare GET",
      run: () => repeat(calls, index => redis?.get(`bench:${index % callers}`) ?? Promise.reject()),
    },
    { name: "limiter", run: () => repeat(calls, index => limit(Rate.READ, `user ${index % callers}`)) },
  ]);
  const limiters = [limiterOf(redis, perMinute), limiterOf(other, perMinute)];
  let passed = 0;
  await repeat(2 * callers * perMinute, async index => {
    try {
      await limiters[index % 2]?.(Rate.WRITE, `user ${Math.floor(index / 2) % callers}`);
      passed++;
    } catch (error) {
      if (!(error instanceof Failure)) {
        throw error;
      }
    }
  });
  const error = Math.abs(passed / (callers * perMinute) - 1) * 100;
  process.stdout.write(`passed ${passed} of ${callers * perMinute} that may: ${error.toFixed(2)} % off\n`);
} finally {
  for (const client of clients) {
    client.disconnect();
  }
  await server.close();
}
