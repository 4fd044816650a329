import { CatalogService } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { CartConfig } from "./config.ts";

/** The dependencies of the cart service. */
export interface App extends Runtime {
  readonly config: CartConfig;
  readonly catalog: ServiceClient<typeof CatalogService>;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: CartConfig, overrides: Partial<App> = {}): Promise<App> {
  const runtime = await createRuntime("cart", config);
  return { ...runtime, catalog: runtime.client("question", CatalogService), ...overrides };
}
