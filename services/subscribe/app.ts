import { CreatorDirectoryService } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { SubscribeConfig } from "./config.ts";

/** The dependencies of the subscribe service. */
export interface App extends Runtime {
  readonly config: SubscribeConfig;
  readonly creatorDirectory: ServiceClient<typeof CreatorDirectoryService>;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: SubscribeConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("subscribe", config);
  return { ...runtime, creatorDirectory: runtime.client("creator", CreatorDirectoryService), ...overrides };
}
