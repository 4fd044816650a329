import { z } from "zod";
import { type Environment, flag, integer, list, readConfig } from "#kit/config.ts";

/** What every service needs to know, whatever it does. */
export type FloorConfig = ReturnType<typeof readFloorConfig>;

/** Reads the variables every service shares, and those that start with its name. */
export function readFloorConfig(name: string, env: Environment) {
  const own = `${name.toUpperCase()}_`;
  const shared = readConfig(env, {
    LISTEN_HOST: z.string().default("127.0.0.1"),
    LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
    REDIS_URL: z.url(),
    AWS_REGION: z.string().default("ap-northeast-2"),
    AWS_ENDPOINT_URL: z.url().optional(),
    AWS_ACCOUNT_ID: z.string().regex(/^\d{12}$/),
    USER_JWKS_URL: z.url(),
    TOKEN_ISSUER: z.url(),
    TOKEN_AUDIENCE: z.string().default("questioncloud"),
    MESH_PUBLIC_KEYS_FILE: z.string(),
    MESH_CA_FILE: z.string().optional(),
    PAGE_TOKEN_SECRET: z.string().min(32),
    GRPC_REFLECTION: flag(false),
    GRPC_CONNECTION_AGE_MS: integer({ min: 1000, max: 86_400_000, fallback: 300_000 }),
    RATE_READ_PER_MINUTE: integer({ min: 1, max: 10_000_000, fallback: 600 }),
    RATE_WRITE_PER_MINUTE: integer({ min: 1, max: 10_000_000, fallback: 120 }),
    RATE_MONEY_PER_MINUTE: integer({ min: 1, max: 10_000_000, fallback: 60 }),
    RATE_SECRET_PER_MINUTE: integer({ min: 1, max: 10_000_000, fallback: 20 }),
    RATE_MAIL_PER_MINUTE: integer({ min: 1, max: 10_000_000, fallback: 5 }),
    OUTBOX_POLL_MS: integer({ min: 10, max: 60_000, fallback: 1000 }),
    OUTBOX_RETRY_MS: integer({ min: 10, max: 600_000, fallback: 1000 }),
    OUTBOX_ATTEMPTS_MAX: integer({ min: 1, max: 1000, fallback: 12 }),
    OUTBOX_KEEP_DAYS: integer({ min: 1, max: 365, fallback: 14 }),
    QUEUE_WAIT_SECONDS: integer({ min: 1, max: 20, fallback: 20 }),
    QUEUE_VISIBILITY_SECONDS: integer({ min: 4, max: 3600, fallback: 30 }),
    DRAIN_LIMIT_MS: integer({ min: 0, max: 600_000, fallback: 20_000 }),
  });
  const ports = readConfig(env, {
    [`${own}GRPC_PORT`]: integer({ min: 1, max: 65_535 }),
    [`${own}HTTP_PORT`]: integer({ min: 1, max: 65_535 }),
    [`${own}PROBE_PORT`]: integer({ min: 1, max: 65_535 }),
    [`${own}DATABASE_POOL_CONNECTIONS`]: integer({ min: 2, max: 500, fallback: 20 }),
  });
  const own_ = readConfig(env, {
    [`${own}DATABASE_URL`]: z.string().regex(/^mariadb:\/\//),
    [`${own}MESH_KEY_FILE`]: z.string(),
  });
  const tls = readConfig(env, {
    [`${own}TLS_CERT_FILE`]: z.string().optional(),
    [`${own}TLS_KEY_FILE`]: z.string().optional(),
  });
  const certFile = tls[`${own}TLS_CERT_FILE`];
  const keyFile = tls[`${own}TLS_KEY_FILE`];
  return {
    name,
    ...shared,
    grpcPort: ports[`${own}GRPC_PORT`] ?? 0,
    httpPort: ports[`${own}HTTP_PORT`] ?? 0,
    probePort: ports[`${own}PROBE_PORT`] ?? 0,
    poolSize: ports[`${own}DATABASE_POOL_CONNECTIONS`] ?? 20,
    databaseUrl: own_[`${own}DATABASE_URL`] ?? "",
    meshKeyFile: own_[`${own}MESH_KEY_FILE`] ?? "",
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
  };
}

/** The gRPC addresses of a neighbour, from `<NAME>_GRPC_ADDRESSES`. */
export function readNeighbourAddresses(neighbour: string, env: Environment): string[] {
  const variable = `${neighbour.toUpperCase()}_GRPC_ADDRESSES`;
  return readConfig(env, { [variable]: list })[variable] ?? [];
}
