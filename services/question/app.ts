import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { createCache } from "#kit/data/cache.ts";
import { createFiles, type Files } from "#kit/files/files.ts";
import { askForAdministrators } from "#kit/rpc/active-user.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import { type CategoryTree, createCategoryTree } from "./category-tree.ts";
import type { QuestionConfig } from "./config.ts";
import { createListingSearch } from "./db/lists/listing-search.ts";
import type { StoreSearch } from "./store-search.ts";

/** The dependencies of the question service. */
export interface App extends Runtime {
  readonly config: QuestionConfig;
  readonly creatorDirectory: ServiceClient<typeof CreatorDirectoryService>;
  readonly files: Files;
  readonly categoryTree: CategoryTree;
  readonly search: StoreSearch;
}

// As long as clients may keep a page of the store.
const searchFreshMs = 30_000;

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: QuestionConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = { ...(await createRuntime("question", config)), ...overrides };
  const files = createFiles(config.files, config.runtime.aws);
  runtime.onClose(files.close);
  const isAdministrator = askForAdministrators(runtime.client("user", UserDirectoryService));
  const cache = createCache({ redis: runtime.redis, prefix: "question:search", freshMs: searchFreshMs });
  return {
    ...runtime,
    access: { ...runtime.access, isAdministrator },
    creatorDirectory: runtime.client("creator", CreatorDirectoryService),
    files,
    categoryTree: createCategoryTree(runtime, config.categories),
    search: createListingSearch(runtime.database, cache.read),
    ...overrides,
  };
}
