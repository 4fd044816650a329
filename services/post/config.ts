import { filesConfig } from "#kit/files/files-config.ts";
import type { Config } from "#kit/process/config.ts";
import { runtimeConfig } from "#kit/service/runtime-config.ts";

/** The variables of the post service. */
export const config = { runtime: runtimeConfig("post"), files: filesConfig("post") };

export type PostConfig = Config<typeof config>;
