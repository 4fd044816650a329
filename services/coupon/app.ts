import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { CouponConfig } from "./config.ts";

/** The dependencies of the coupon service. */
export interface App extends Runtime {
  readonly config: CouponConfig;
}

/** Opens the dependencies; `overrides` replace some of them in component tests. */
export async function createApp(config: CouponConfig, overrides: Partial<App> = {}): Promise<App> {
  return { ...(await createRuntime("coupon", config)), ...overrides };
}
