import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/mesh_pb.ts";
import type { Environment } from "#kit/config.ts";
import { openFloor } from "#kit/floor.ts";
import { run } from "#kit/run.ts";
import { type RunningService, serve } from "#kit/serve.ts";
import { readQuestionConfig } from "./config.ts";
import { createCreatorNames } from "./creator-names.ts";
import { createRoutes, hearings, services } from "./routes.ts";
import { createCategoryTree } from "./store/category-tree.ts";
import { openFiles } from "./store/files.ts";

/** Starts the question service. */
export async function start(env: Environment): Promise<RunningService> {
  const questionConfig = readQuestionConfig(env);
  const floor = await openFloor("question", env);
  const files = openFiles(questionConfig, floor.config);
  const creatorNames = createCreatorNames({
    directory: floor.neighbour("creator", CreatorDirectoryService),
    freshMs: questionConfig.QUESTION_CREATOR_NAMES_FRESH_MS,
    timeoutMs: questionConfig.QUESTION_CREATOR_NAMES_TIMEOUT_MS,
    log: floor.log,
  });
  const categoryTree = createCategoryTree({
    database: floor.database,
    redis: floor.redis,
    freshMs: questionConfig.QUESTION_CATEGORIES_FRESH_MS,
  });
  const routes = createRoutes({ ...floor, questionConfig, files, creatorNames, categoryTree });
  return serve(floor, { services, routes, hearings, close: async () => files.close() });
}

if (import.meta.main) {
  await run(start);
}
