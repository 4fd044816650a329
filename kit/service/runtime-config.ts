import { calleesOf } from "#kit/contract/contracts.ts";
import { awsConfig, queueConfig } from "#kit/events/aws.ts";
import { outboxConfig } from "#kit/events/outbox.ts";
import {
  type Config,
  choice,
  flag,
  integer,
  list,
  optionalText,
  secrets,
  text,
  url,
  type Variable,
} from "#kit/process/config.ts";

/** The configuration that every service needs. */
export type RuntimeConfig = Config<ReturnType<typeof runtimeConfig>>;

const port = (name: string) => integer(name, { min: 1, max: 65_535 });
const rate = (name: string, fallback: number) => integer(name, { min: 1, max: 10_000_000, fallback });

/** The variables that every service shares, and those that start with its name. */
export function runtimeConfig(name: string) {
  const own = name.toUpperCase();
  return {
    listen: {
      host: text("LISTEN_HOST", { fallback: "127.0.0.1" }),
      grpcPort: port(`${own}_GRPC_PORT`),
      httpPort: port(`${own}_HTTP_PORT`),
      probePort: port(`${own}_PROBE_PORT`),
      /** Calls in flight, on both listeners together; more are refused at once. */
      maxCalls: integer(`${own}_CALLS_MAX`, { min: 10, max: 100_000, fallback: 1000 }),
      /**
       * How long calls may wait for a turn of the event loop or a connection to the database; public calls are refused
       * while they wait longer, internal ones at four times that.
       */
      maxWaitMs: integer("CALLS_WAIT_MS", { min: 10, max: 60_000, fallback: 50 }),
    },
    /**
     * Both files or neither: without them the grpc listener speaks cleartext. With `services.caFile` as well, it asks
     * callers for a certificate.
     */
    tls: {
      certFile: optionalText(`${own}_TLS_CERT_FILE`),
      keyFile: optionalText(`${own}_TLS_KEY_FILE`),
      reloadMs: integer("TLS_RELOAD_MS", { min: 50, max: 3_600_000, fallback: 10_000 }),
    },
    grpc: {
      reflection: flag("GRPC_REFLECTION", false),
      connectionAgeMs: integer("GRPC_CONNECTION_AGE_MS", { min: 1000, max: 86_400_000, fallback: 300_000 }),
    },
    log: { level: choice("LOG_LEVEL", ["debug", "info", "warn", "error", "silent"], "info") },
    database: {
      url: url(`${own}_DATABASE_URL`, { schemes: ["mariadb"], secret: true }),
      poolConnections: integer(`${own}_DATABASE_POOL_CONNECTIONS`, { min: 2, max: 500, fallback: 20 }),
      /**
       * Silence after which a connection is dropped; longer than a statement waits for a lock (5 s), and a
       * transaction of the relay for SNS (8 s).
       */
      socketTimeoutMs: integer(`${own}_DATABASE_SOCKET_TIMEOUT_MS`, {
        min: 9000,
        max: 120_000,
        fallback: 10_000,
      }),
    },
    redis: { url: url("REDIS_URL", { schemes: ["redis", "rediss"], secret: true }) },
    aws: awsConfig,
    userTokens: {
      jwksUrl: url("USER_JWKS_URL"),
      /** How old the list of published keys, and what a token has proved, may get before they are checked again. */
      refreshMs: integer("USER_JWKS_REFRESH_MS", { min: 50, max: 600_000, fallback: 60_000 }),
      issuer: url("TOKEN_ISSUER"),
      audience: text("TOKEN_AUDIENCE", { fallback: "questioncloud" }),
    },
    services: {
      keyFile: text(`${own}_SERVICE_KEY_FILE`),
      publicKeysFile: text("SERVICE_PUBLIC_KEYS_FILE"),
      /** The authorities of the certificates of all services; without it, calls to them are cleartext. */
      caFile: optionalText("SERVICE_CA_FILE"),
      /** The gRPC addresses of the services that this one may call. */
      addresses: Object.fromEntries(
        calleesOf(name).map(callee => [callee, list(`${callee.toUpperCase()}_GRPC_ADDRESSES`)]),
      ) as Readonly<Record<string, Variable<readonly string[]>>>,
    },
    pages: { secrets: secrets("PAGE_TOKEN_SECRETS", { minLength: 32 }) },
    rates: {
      readPerMinute: rate("RATE_READ_PER_MINUTE", 600),
      writePerMinute: rate("RATE_WRITE_PER_MINUTE", 120),
      moneyPerMinute: rate("RATE_MONEY_PER_MINUTE", 60),
      secretPerMinute: rate("RATE_SECRET_PER_MINUTE", 20),
      mailPerMinute: rate("RATE_MAIL_PER_MINUTE", 5),
    },
    outbox: outboxConfig,
    queue: queueConfig,
    drain: {
      /** Between "not ready" and closed listeners, so that load balancers stop routing here first. */
      delayMs: integer("DRAIN_DELAY_MS", { min: 0, max: 60_000, fallback: 5000 }),
      /** For calls, jobs and events in flight. */
      limitMs: integer("DRAIN_LIMIT_MS", { min: 0, max: 600_000, fallback: 30_000 }),
    },
  };
}
