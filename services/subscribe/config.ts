import type { Config } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the subscribe service. */
export const config = { runtime: runtimeConfig("subscribe") };

export type SubscribeConfig = Config<typeof config>;
