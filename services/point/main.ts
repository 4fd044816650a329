import { UserDirectoryService } from "#gen/questioncloud/user/v1/mesh_pb.ts";
import type { Environment } from "#kit/config.ts";
import { type Floor, openFloor } from "#kit/floor.ts";
import { createLeases } from "#kit/lease.ts";
import { startLoop } from "#kit/loop.ts";
import { run } from "#kit/run.ts";
import { type RunningService, serve } from "#kit/serve.ts";
import { type PointConfig, readPointConfig } from "./config.ts";
import { createDayComparison } from "./jobs/compare-day.ts";
import { createPointMeasures } from "./jobs/measure-points.ts";
import { createReconciler } from "./jobs/reconcile-charges.ts";
import type { Pg } from "./pg/pg.ts";
import { createTossPg } from "./pg/toss.ts";
import { createPursuits, type Pursuits } from "./pursuits.ts";
import { createRoutes, hearings, services } from "./routes.ts";
import { createWebhookLimits } from "./store/webhook-limits.ts";
import { createTossWebhook } from "./webhooks/toss.ts";

/** Starts the point service. */
export async function start(env: Environment): Promise<RunningService> {
  const config = readPointConfig(env);
  const floor = await openFloor("point", env);
  const pg = createTossPg({
    baseUrl: config.POINT_PG_API_URL,
    secretKey: config.POINT_PG_SECRET_KEY,
    timeoutMs: config.POINT_PG_TIMEOUT_MS,
    log: floor.log,
  });
  const pursuits = createPursuits({
    ...floor,
    pg,
    claimMs: config.POINT_RECONCILE_CLAIM_MS,
    maxUnderWay: config.POINT_CONFIRMS_MAX,
    pause: { baseMs: config.POINT_RECONCILE_BASE_MS, maxMs: config.POINT_RECONCILE_MAX_MS },
  });
  const loops = startLoops({ floor, config, pg, pursuits });
  const wakeReconciler = () => loops.reconciler.wake();
  const users = floor.neighbour("user", UserDirectoryService);
  const limits = createWebhookLimits({
    redis: floor.redis,
    perAddress: config.POINT_WEBHOOK_ADDRESS_PER_MINUTE,
    perCharge: config.POINT_WEBHOOK_CHARGE_PER_MINUTE,
  });
  return serve(floor, {
    services,
    routes: createRoutes({ ...floor, config, users, pursuits, wakeReconciler }),
    httpRoutes: [createTossWebhook({ ...floor, pg, limits, wakeReconciler })],
    hearings,
    loops: Object.values(loops),
    close: () => pursuits.drain(floor.config.DRAIN_LIMIT_MS),
  });
}

function startLoops({ floor, config, pg, pursuits }: LoopParts) {
  const { database, log, metrics } = floor;
  const reconciler = startLoop({
    name: "reconcile-charges",
    intervalMs: config.POINT_RECONCILE_POLL_MS,
    run: createReconciler({ database, pursuits, parallel: config.POINT_RECONCILE_PARALLEL }),
    log,
    metrics,
  });
  const comparison = startLoop({
    name: "compare-day",
    intervalMs: config.POINT_COMPARE_POLL_MS,
    run: createDayComparison({
      database,
      log,
      pg,
      pursuits,
      runWithLease: createLeases(floor.redis),
      leaseMs: config.POINT_COMPARE_POLL_MS,
      delayMs: config.POINT_COMPARE_DELAY_MS,
      daysMax: config.POINT_COMPARE_DAYS_MAX,
    }),
    log,
    metrics,
  });
  const measures = startLoop({
    name: "measure-points",
    intervalMs: config.POINT_MEASURE_POLL_MS,
    run: createPointMeasures({ database, metrics }),
    log,
    metrics,
  });
  return { reconciler, comparison, measures };
}

interface LoopParts {
  readonly floor: Floor;
  readonly config: PointConfig;
  readonly pg: Pg;
  readonly pursuits: Pursuits;
}

if (import.meta.main) {
  await run(start);
}
