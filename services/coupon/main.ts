import type { Environment } from "#kit/config.ts";
import { openFloor } from "#kit/floor.ts";
import { run } from "#kit/run.ts";
import { type RunningService, serve } from "#kit/serve.ts";
import { createRoutes, hearings, services } from "./routes.ts";

/** Starts the coupon service. */
export async function start(env: Environment): Promise<RunningService> {
  const floor = await openFloor("coupon", env);
  return serve(floor, { services, routes: createRoutes(floor), hearings });
}

if (import.meta.main) {
  await run(start);
}
