import { z } from "zod";
import { type Environment, optionalUrl, variable } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { isExecutable } from "./servers/binary.ts";

/** The variables that name servers to use instead of local ones. */
const externalServers = {
  mariadb: optionalUrl("MARIADB_URL", { schemes: ["mariadb"] }),
  redis: optionalUrl("REDIS_URL", { schemes: ["redis", "rediss"] }),
  mongodb: variable(
    "MONGODB_URI",
    "an address that starts with mongodb://",
    z
      .string()
      .regex(/^mongodb(\+srv)?:\/\/./, "must start with mongodb://")
      .optional(),
  ),
  aws: optionalUrl("AWS_ENDPOINT_URL"),
  envoy: variable(
    "ENVOY_BIN",
    "the path of an executable file",
    z.string().refine(isExecutable, "must be the path of an executable file").optional(),
  ),
};

/** Throws before anything is started if one of these variables cannot be used. */
export function requireUsableVariables(env: Environment): void {
  readConfig(env, externalServers);
}
