import { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { askForAdministrators } from "#kit/rpc/active-user.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { ReviewConfig } from "./config.ts";

/** The dependencies of the review service. */
export interface App extends Runtime {
  readonly config: ReviewConfig;
  readonly entitlements: Pick<ServiceClient<typeof EntitlementService>, "checkQuestions">;
  readonly userDirectory: Pick<ServiceClient<typeof UserDirectoryService>, "batchGetUsers">;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: ReviewConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("review", config);
  const userDirectory = runtime.client("user", UserDirectoryService);
  return {
    ...runtime,
    access: { ...runtime.access, isAdministrator: askForAdministrators(userDirectory) },
    entitlements: runtime.client("question", EntitlementService),
    userDirectory,
    ...overrides,
  };
}
