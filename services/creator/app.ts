import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { CreatorConfig } from "./config.ts";

/** The dependencies of the creator service. */
export interface App extends Runtime {
  readonly config: CreatorConfig;
  readonly users: ServiceClient<typeof UserDirectoryService>;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: CreatorConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("creator", config);
  return { ...runtime, users: runtime.client("user", UserDirectoryService), ...overrides };
}
