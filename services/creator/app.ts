import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { CreatorConfig } from "./config.ts";

/** The dependencies of the creator service. */
export interface App extends Runtime {
  readonly config: CreatorConfig;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: CreatorConfig, overrides: Partial<App> = {}): Promise<App> {
  return { ...(await createRuntime("creator", config)), ...overrides };
}
