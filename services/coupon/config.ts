import type { Config } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the coupon service. */
export const config = { runtime: runtimeConfig("coupon") };

export type CouponConfig = Config<typeof config>;
