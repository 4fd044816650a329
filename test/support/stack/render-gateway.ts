import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import type { RouteTable } from "#gateway/routes.ts";
import { renderTranslated } from "#k8s/gateway-api/bootstrap.ts";
import { findProgram } from "#k8s/gateway-api/programs.ts";

/**
 * The gateway of tests: the project's own configuration or, with TEST_GATEWAY=gateway-api, what Envoy Gateway makes of
 * the resources of the Gateway API.
 */
export async function renderGateway(options: EnvoyOptions, table?: RouteTable): Promise<string> {
  switch (process.env.TEST_GATEWAY) {
    case undefined:
      return renderEnvoy(options, table);
    case "gateway-api":
      return renderTranslated(requireTranslator(), options, table);
    default:
      throw new Error("TEST_GATEWAY is gateway-api or absent");
  }
}

function requireTranslator(): string {
  const program = findProgram("egctl", process.env);
  if (program === undefined) {
    throw new Error("no translator is built here; npm run k8s -- gateway-api build builds one");
  }
  return program;
}
