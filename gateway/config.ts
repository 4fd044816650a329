import { z } from "zod";
import { type Environment, integer, list, readConfig } from "#kit/config.ts";
import type { Address, EnvoyOptions } from "./envoy/options.ts";
import { createRouteTable } from "./routes.ts";

const port = integer({ min: 0, max: 65_535 });

/**
 * Reads what Envoy's configuration depends on. Without any variable a service is found under its own name, as on Kubernetes: `user:9000`
 * for gRPC and `user:9001` for HTTP.
 */
export function readEnvoyOptions(env: Environment): EnvoyOptions {
  const config = readConfig(env, {
    GATEWAY_LISTEN_HOST: z.string().default("0.0.0.0"),
    GATEWAY_PORT: port.default(8080),
    GATEWAY_ADMIN_PORT: port.default(9901),
    GATEWAY_ALLOWED_ORIGINS: list.default([]),
    GATEWAY_ACCESS_LOG: z.string().default("stdout"),
    GATEWAY_OTEL_ADDRESS: z.string().optional(),
    GATEWAY_SITE_ADDRESS: z.string().default("site:8080"),
    GATEWAY_JWKS_CACHE_SECONDS: integer({ min: 6, max: 3600, fallback: 60 }),
    USER_JWKS_URL: z.url().default("http://user:9001/.well-known/jwks.json"),
    TOKEN_ISSUER: z.url().default("https://questioncloud.example"),
    TOKEN_AUDIENCE: z.string().default("questioncloud"),
    MESH_CA_FILE: z.string().optional(),
  });
  return {
    listenHost: config.GATEWAY_LISTEN_HOST,
    listenPort: config.GATEWAY_PORT,
    adminPort: config.GATEWAY_ADMIN_PORT,
    services: readServices(env),
    site: parseAddress(config.GATEWAY_SITE_ADDRESS),
    jwks: { ...parseUrl(config.USER_JWKS_URL), cacheSeconds: config.GATEWAY_JWKS_CACHE_SECONDS },
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    allowedOrigins: config.GATEWAY_ALLOWED_ORIGINS,
    accessLog: config.GATEWAY_ACCESS_LOG,
    ...(config.GATEWAY_OTEL_ADDRESS && { otel: parseAddress(config.GATEWAY_OTEL_ADDRESS) }),
    ...(config.MESH_CA_FILE && { meshCaFile: config.MESH_CA_FILE }),
  };
}

/** Reads `<SERVICE>_GRPC_ADDRESSES` and `<SERVICE>_HTTP_ADDRESSES` of every service with a route. */
function readServices(env: Environment): EnvoyOptions["services"] {
  const table = createRouteTable();
  const names = new Set([...table.rpc, ...table.http].map(route => route.service));
  return Object.fromEntries(
    [...names].map(name => {
      const grpc = `${name.toUpperCase()}_GRPC_ADDRESSES`;
      const http = `${name.toUpperCase()}_HTTP_ADDRESSES`;
      const found = readConfig(env, {
        [grpc]: list.default([`${name}:9000`]),
        [http]: list.default([`${name}:9001`]),
      });
      return [name, { grpc: parse(found[grpc]), http: parse(found[http]) }];
    }),
  );
}

function parse(addresses: string[] = []): Address[] {
  return addresses.map(parseAddress);
}

function parseAddress(text: string): Address {
  const { hostname, port } = new URL(`http://${text}`);
  if (!port) throw new Error(`${text} is no address: it needs a port, as in user:9000.`);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function parseUrl(text: string): EnvoyOptions["jwks"] {
  const { hostname, port, pathname } = new URL(text);
  return { host: hostname, port: Number(port || 80), path: pathname };
}
