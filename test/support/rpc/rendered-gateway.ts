import { parse } from "yaml";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import { createRouteTable, routedServices } from "#gateway/routes.ts";
import type { Bootstrap } from "./envoy-config.ts";

const here = (port: number) => ({ host: "127.0.0.1", port });
/** The routes of the contracts. */
export const table = createRouteTable();
/** Options of a gateway whose addresses nothing listens at. */
export const options: EnvoyOptions = {
  listenPort: 18080,
  adminPort: 0,
  services: Object.fromEntries(
    routedServices(table).map((name, index) => [
      name,
      { grpc: [here(20_000 + index)], http: [here(21_000 + index)] },
    ]),
  ),
  site: here(22_000),
  jwks: { ...here(22_001), path: "/.well-known/jwks.json" },
  issuer: "https://questioncloud.test",
  audience: "questioncloud",
  allowedOrigins: ["https://app.questioncloud.test"],
  otel: here(22_002),
  accessLog: "stdout",
};
/** Envoy's configuration for these options. */
export const text = renderEnvoy(options);
export const bootstrap: Bootstrap = parse(text);
const listener = bootstrap.static_resources.listeners[0];
export const manager = listener.filter_chains[0].filters[0].typed_config;
