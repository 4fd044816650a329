import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { createFiles, type Files } from "#kit/files/files.ts";
import { askForAdministrators, type IsAdministrator } from "#kit/rpc/active-user.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { PostConfig } from "./config.ts";

/** The dependencies of the post service. */
export interface App extends Runtime {
  readonly config: PostConfig;
  readonly files: Files;
  readonly entitlements: Pick<ServiceClient<typeof EntitlementService>, "checkQuestions">;
  readonly creatorDirectory: ServiceClient<typeof CreatorDirectoryService>;
  readonly userDirectory: Pick<ServiceClient<typeof UserDirectoryService>, "batchGetUsers">;
  readonly isAdministrator: IsAdministrator;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: PostConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("post", config);
  const files = createFiles(config.files, config.runtime.aws);
  runtime.onClose(files.close);
  const userDirectory = runtime.client("user", UserDirectoryService);
  const isAdministrator = askForAdministrators(userDirectory);
  return {
    ...runtime,
    access: { ...runtime.access, isAdministrator },
    files,
    entitlements: runtime.client("question", EntitlementService),
    creatorDirectory: runtime.client("creator", CreatorDirectoryService),
    userDirectory,
    isAdministrator,
    ...overrides,
  };
}
