import type { Config } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the review service. */
export const config = { runtime: runtimeConfig("review") };

export type ReviewConfig = Config<typeof config>;
