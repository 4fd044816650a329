import { createRuntime, type Runtime } from "#kit/service/runtime.ts";
import type { CouponConfig } from "./config.ts";

/** What the coupon service works with. */
export interface App extends Runtime {
  readonly config: CouponConfig;
}

/** Opens what the coupon service works with; `overrides` replace parts of it in component tests. */
export async function createApp(config: CouponConfig, overrides: Partial<App> = {}): Promise<App> {
  return { ...(await createRuntime("coupon", config)), ...overrides };
}
