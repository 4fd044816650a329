import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { verifyInvariants } from "#ops/verify-invariants.ts";
import { missingOf } from "../support/faults/acknowledged.ts";
import { type FaultMesh, startFaultMesh } from "../support/faults/mesh.ts";
import { createShoppers } from "../support/faults/shoppers.ts";
import { type Shopping, startShopping } from "../support/faults/shopping.ts";
import { createMarket } from "../support/market/market.ts";
import { until } from "../support/stack/until.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";
import { type Happened, startChaos } from "./chaos.ts";

const questionCount = 60;
const maxWorkers = 24;
// Longer than any timeout after which a silent connection is given up.
const idleMs = 120_000;

interface StormOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly users: number;
  /** Receives progress, one line per call. */
  readonly log: (line: string) => void;
}

/** What a storm did, and what it left. */
export interface StormResult {
  readonly happened: readonly Happened[];
  readonly shopping: Shopping;
  readonly stormMs: number;
  /** From the end of the last fault to the next purchase that was acknowledged, and until no work was left. */
  readonly purchaseAfterMs: number;
  readonly idleAfterMs: number;
  readonly invariants: number;
  /** What was acknowledged and is missing, and violated invariants. */
  readonly violations: readonly string[];
}

/** Users shop while random faults happen; then everything is healed and checked. */
export async function runStorm({ seed, minutes, users, log }: StormOptions): Promise<StormResult> {
  log("Starting the services");
  // A fault may meet an event several times; production gives as many deliveries.
  const mesh = await startFaultMesh({ env: { QUEUE_RECEIVES_MAX: "20" }, keepQueues: true });
  try {
    log(`Opening a shop with ${questionCount} questions for ${users} users`);
    const market = await createMarket(mesh.stack, { questionCount });
    const coupon = await market.coupons.create(
      { value: 3000n },
      { stockCount: BigInt(Math.ceil(users / 2)) },
    );
    const shoppers = await createShoppers(mesh.stack, users);
    const workers = Math.min(users, maxWorkers);
    const shopping = startShopping({
      stack: mesh.stack,
      shoppers,
      questionIds: market.questionIds,
      couponCode: coupon.code,
      workers,
      seed: String(seed),
    });
    return await stormOver(mesh, shopping, { seed, minutes, log });
  } finally {
    await mesh.stop();
  }
}

async function stormOver(
  mesh: FaultMesh,
  shopping: Shopping,
  { seed, minutes, log }: Pick<StormOptions, "seed" | "minutes" | "log">,
): Promise<StormResult> {
  const startMs = Date.now();
  const chaos = startChaos(mesh, String(seed));
  log(`Causing faults for ${minutes * 60} s`);
  await delay(minutes * 60_000);
  const happened = await chaos.stop();
  log("Healing, and waiting until no work is left");
  const stormMs = Date.now() - startMs;
  await mesh.heal();
  const before = shopping.paid.size;
  await until(() => shopping.paid.size > before, "purchases are acknowledged again", { stuckMs: idleMs });
  const purchaseAfterMs = Date.now() - startMs - stormMs;
  await shopping.stop();
  await waitUntilIdle(mesh.stack, idleMs);
  const idleAfterMs = Date.now() - startMs - stormMs;
  const findings = await verifyInvariants(mesh.stack.env, { graceSeconds: 0, pspDays: 2 });
  const violated = findings.flatMap(({ name, violations }) => violations.map(each => `${name}: ${each}`));
  const missing = await missingOf(mesh.stack, shopping);
  const counts = await countRows(mesh);
  log(`Found ${counts} in the databases`);
  return {
    happened,
    shopping,
    stormMs,
    purchaseAfterMs,
    idleAfterMs,
    invariants: findings.length,
    violations: [...violated, ...missing.map(each => `acknowledged, but not there: ${each}`)],
  };
}

async function countRows({ stack }: FaultMesh): Promise<string> {
  const sql = await connectAdmin(stack.mariadb.url);
  try {
    const [row] = await sql.query(
      `SELECT (SELECT COUNT(*) FROM pay.purchase WHERE state = 'PAID') AS paid,
         (SELECT COUNT(*) FROM point.charge WHERE state = 'CHARGED') AS charged`,
    );
    return `${row.paid} paid purchases and ${row.charged} charges`;
  } finally {
    await sql.end();
  }
}
