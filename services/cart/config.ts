import type { Config } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the cart service. */
export const config = { runtime: runtimeConfig("cart") };

export type CartConfig = Config<typeof config>;
