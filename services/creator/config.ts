import type { Config } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the creator service. */
export const config = { runtime: runtimeConfig("creator") };

export type CreatorConfig = Config<typeof config>;
