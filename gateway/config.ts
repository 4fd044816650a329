import * as z from "zod";
import { type Environment, integer, optionalText, text, url, variable } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import type { Address, EnvoyOptions } from "./envoy/options.ts";
import { createRouteTable, routedServices } from "./routes.ts";

const port = (name: string, fallback: number) => integer(name, { min: 0, max: 65_535, fallback });

/** The variables of the gateway. A service without addresses is expected under its own name, as on Kubernetes. */
export const gatewayConfig = {
  listenHost: text("GATEWAY_LISTEN_HOST", { fallback: "0.0.0.0" }),
  listenPort: port("GATEWAY_PORT", 8080),
  adminPort: port("GATEWAY_ADMIN_PORT", 9901),
  drainPort: port("GATEWAY_DRAIN_PORT", 0),
  allowedOrigins: listOf("GATEWAY_ALLOWED_ORIGINS", originSchema(), []),
  accessLog: text("GATEWAY_ACCESS_LOG", { fallback: "stdout" }),
  otel: variable("GATEWAY_OTEL_ADDRESS", "host:port", addressSchema().optional()),
  site: variable("GATEWAY_SITE_ADDRESS", "host:port", addressSchema().default({ host: "site", port: 8080 })),
  jwksUrl: url("USER_JWKS_URL", { schemes: ["http"], fallback: "http://user:9001/.well-known/jwks.json" }),
  jwksCacheSeconds: integer("GATEWAY_JWKS_CACHE_SECONDS", { min: 6, max: 3600, fallback: 60 }),
  issuer: url("TOKEN_ISSUER", { fallback: "https://questioncloud.example" }),
  audience: text("TOKEN_AUDIENCE", { fallback: "questioncloud" }),
  serviceCaFile: optionalText("SERVICE_CA_FILE"),
  tlsSecretsFolder: optionalText("GATEWAY_TLS_SECRETS_FOLDER"),
  services: Object.fromEntries(
    routedServices(createRouteTable()).map(name => [
      name,
      {
        grpc: addresses(`${name.toUpperCase()}_GRPC_ADDRESSES`, { host: name, port: 9000 }),
        http: addresses(`${name.toUpperCase()}_HTTP_ADDRESSES`, { host: name, port: 9001 }),
      },
    ]),
  ),
};

/** Reads what Envoy's configuration depends on. */
export function readEnvoyOptions(env: Environment): EnvoyOptions {
  const { jwksUrl, jwksCacheSeconds, drainPort, otel, serviceCaFile, tlsSecretsFolder, ...config } =
    readConfig(env, gatewayConfig);
  const { hostname, port: jwksPort, pathname } = new URL(jwksUrl);
  return {
    ...config,
    jwks: { host: hostname, port: Number(jwksPort || 80), path: pathname, cacheSeconds: jwksCacheSeconds },
    ...(drainPort > 0 && { drainPort }),
    ...(otel && { otel }),
    ...(serviceCaFile && { serviceCaFile }),
    ...(tlsSecretsFolder && { tlsSecretsFolder }),
  };
}

function addresses(name: string, fallback: Address) {
  return listOf(name, addressSchema(), [fallback]);
}

/** A list separated by commas. */
function listOf<T>(name: string, item: z.ZodType<T, string>, fallback: T[]) {
  return variable<readonly T[]>(
    name,
    "a list separated by commas",
    z
      .string()
      .transform(value => value.split(",").map(part => part.trim()))
      .pipe(z.array(item))
      .default(fallback),
  );
}

/** In the form that browsers send; `*` in the place of the port allows all ports. */
function originSchema() {
  return z.string().refine(value => {
    const origin = value.replace(/:\*$/, "");
    return /^https?:[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
  }, "must be origins, as in https://app.example or http://localhost:*");
}

function addressSchema() {
  return z
    .string()
    .refine(
      value => URL.canParse(`http://${value}`) && new URL(`http://${value}`).port !== "",
      "must be a host and a port, as in user:9000",
    )
    .transform((value): Address => {
      const { hostname, port } = new URL(`http://${value}`);
      return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
    });
}
