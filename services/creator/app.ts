import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { CreatorConfig } from "./config.ts";

/** What the creator service works with. */
export interface App extends Runtime {
  readonly config: CreatorConfig;
}

/** Opens what the creator service works with; `overrides` replace parts of it in component tests. */
export async function createApp(config: CreatorConfig, overrides: Partial<App> = {}): Promise<App> {
  return { ...(await createRuntime("creator", config)), ...overrides };
}
