import { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import type { Environment } from "#kit/config.ts";
import { openFloor } from "#kit/floor.ts";
import { run } from "#kit/run.ts";
import { type RunningService, serve } from "#kit/serve.ts";
import { createRoutes, hearings, services } from "./routes.ts";

/** Starts the creator service. */
export async function start(env: Environment): Promise<RunningService> {
  const floor = await openFloor("creator", env);
  const catalog = floor.neighbour("question", CatalogService);
  return serve(floor, { services, routes: createRoutes({ ...floor, catalog }), hearings });
}

if (import.meta.main) {
  await run(start);
}
