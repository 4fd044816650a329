import { cpSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "#dev/stack/root.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { AuthoringService } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { verifyInvariants } from "#ops/verify-invariants.ts";
import { missingOf } from "../support/faults/acknowledged.ts";
import { type FaultMesh, startFaultMesh } from "../support/faults/mesh.ts";
import { openMarket } from "../support/faults/open-market.ts";
import { publishers, replayEvents } from "../support/faults/replay-events.ts";
import { untilServed } from "../support/faults/shop-through.ts";
import { createShoppers } from "../support/faults/shoppers.ts";
import { type Shopping, startShopping } from "../support/faults/shopping.ts";
import { createCouponShop } from "../support/market/coupons.ts";
import type { Market } from "../support/market/market.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";
import { type Happened, startChaos } from "./chaos.ts";
import { brokerLoss } from "./store-faults.ts";

const questionCount = 40;
const tokenSeconds = 3600;
const maxWorkers = 24;
// Longer than any timeout after which a silent connection is given up.
const idleMs = 120_000;
const failure = /"method":"(?<method>[^"]*)".*"message":"(?<message>[^"]*)".*"msg":"call failed"/;

interface StormOptions {
  /** A storm for each, one after the other, on the same services. */
  readonly seeds: readonly number[];
  readonly minutes: number;
  readonly users: number;
  /** Receives progress, one line per call. */
  readonly log: (line: string) => void;
}

/** What a storm did, and what it left. */
export interface StormResult {
  readonly seed: number;
  readonly happened: readonly Happened[];
  readonly shopping: Shopping;
  readonly stormMs: number;
  /** From the end of the last fault until a new user could charge and buy, and until no work was left. */
  readonly servedAfterMs: number;
  readonly idleAfterMs: number;
  readonly invariants: number;
  /** What was acknowledged and is missing, and violated invariants. */
  readonly violations: readonly string[];
  /** Where the logs are, if anything is violated. */
  readonly logs: string | undefined;
  /** What services took for faults of their own, by what they logged about it. */
  readonly failures: ReadonlyMap<string, number>;
}

/** Users shop while random faults happen; then everything is healed and checked. Ends with the first violation. */
export async function* runStorms({ seeds, minutes, users, log }: StormOptions): AsyncIterable<StormResult> {
  log("Starting the services");
  // A fault may meet an event several times; production gives as many deliveries.
  const mesh = await startFaultMesh({ env: { QUEUE_RECEIVES_MAX: "20" } });
  try {
    log(`Opening a shop with ${questionCount} questions`);
    const market = await openMarket(mesh.stack, questionCount);
    for (const seed of seeds) {
      log(`Storm ${seed}: ${users} users shop, ${minutes * 60} s of faults`);
      const shopping = await openShop(market, users, seed);
      const result = await stormOver(mesh, market, shopping, { seed, minutes });
      const failures = countFailures(mesh);
      const logs = result.violations.length > 0 ? keepLogs(mesh.stack.dir, seed) : undefined;
      yield { ...result, logs, failures };
      if (logs !== undefined) {
        return;
      }
    }
  } finally {
    await mesh.stop();
  }
}

/** Tokens of their own for the operator and the creator, because those of the sign-up end while storms follow. */
async function openShop(market: Market, users: number, seed: number): Promise<Shopping> {
  const { stack, admin, creator, questionIds } = market;
  const tokenOf = (userId: bigint, role: "USER" | "ADMIN") =>
    signAccessToken(stack, { userId, role, lifetimeSeconds: tokenSeconds });
  const coupons = createCouponShop(stack, await tokenOf(admin.userId, "ADMIN"));
  const { code } = await coupons.create({ value: 3000n }, { stockCount: BigInt(Math.ceil(users / 2)) });
  const token = await tokenOf(creator.userId, "USER");
  return startShopping({
    stack,
    shoppers: await createShoppers(stack, users),
    questionIds,
    couponCode: code,
    author: { authoring: createPublicClient(stack, AuthoringService, { token }) },
    pspFails: true,
    workers: Math.min(users, maxWorkers),
    seed: String(seed),
  });
}

async function stormOver(
  mesh: FaultMesh,
  market: Market,
  shopping: Shopping,
  { seed, minutes }: { seed: number; minutes: number },
): Promise<Omit<StormResult, "logs" | "failures">> {
  const startMs = Date.now();
  const chaos = startChaos(mesh, String(seed));
  await delay(minutes * 60_000);
  const happened = await chaos.stop();
  const stormMs = Date.now() - startMs;
  await mesh.heal();
  await untilServed(market, idleMs);
  const servedAfterMs = Date.now() - startMs - stormMs;
  await shopping.stop();
  await waitUntilIdle(mesh.stack, idleMs);
  const idleAfterMs = Date.now() - startMs - stormMs;
  if (happened.some(({ what }) => what === brokerLoss)) {
    await replayAll(mesh.stack, Date.now() - startMs);
  }
  const findings = await verifyInvariants(mesh.stack.env, { graceSeconds: 0, pspDays: 2 });
  const violated = findings.flatMap(({ name, violations }) => violations.map(each => `${name}: ${each}`));
  const missing = await missingOf(mesh.stack, shopping);
  return {
    seed,
    happened,
    shopping,
    stormMs,
    servedAfterMs,
    idleAfterMs,
    invariants: findings.length,
    violations: [...violated, ...missing.map(each => `acknowledged, but not there: ${each}`)],
  };
}

/** What an operator does after a broker lost its data. */
async function replayAll(stack: Stack, lastMs: number): Promise<void> {
  for (const service of publishers) {
    await replayEvents(stack, service, lastMs);
  }
  await waitUntilIdle(stack, idleMs);
}

function countFailures({ replicas }: FaultMesh): Map<string, number> {
  const failures = new Map<string, number>();
  for (const { process } of replicas) {
    for (const line of readFileSync(process.logFile, "utf8").split("\n")) {
      const { method, message } = failure.exec(line)?.groups ?? {};
      if (message !== undefined) {
        const what = `${method?.split(".").at(-1)}: ${message}`;
        failures.set(what, (failures.get(what) ?? 0) + 1);
      }
    }
  }
  return failures;
}

/** Copies the logs, which end with the stack otherwise. Returns where they are. */
function keepLogs(dir: string, seed: number): string {
  const kept = join(root, ".data", `storm-${seed}`);
  cpSync(dir, kept, {
    recursive: true,
    filter: file =>
      statSync(file).isDirectory() ? !/\/(mariadb|mongo|aws|redis)\/./.test(file) : file.endsWith(".log"),
  });
  return kept;
}
