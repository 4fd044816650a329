import type { Environment } from "#kit/config.ts";
import { startLoop } from "#kit/loop.ts";
import { run } from "#kit/run.ts";
import { type RunningService, serve } from "#kit/serve.ts";
import { createApp } from "./app.ts";
import { resolvePurchases } from "./jobs/resolve-purchases.ts";
import { createHearings, createRoutes, services } from "./routes.ts";

/** Starts the pay service. */
export async function start(env: Environment): Promise<RunningService> {
  const app = await createApp(env);
  const resolver = startLoop({
    name: "resolve-purchases",
    intervalMs: app.payConfig.PAY_RESOLVE_POLL_MS,
    run: resolvePurchases(app),
    log: app.log,
    metrics: app.metrics,
  });
  return serve(app, {
    services,
    routes: createRoutes(app),
    hearings: createHearings(app),
    loops: [resolver],
    close: () => app.history.close(),
  });
}

if (import.meta.main) {
  await run(start);
}
