import { serviceNames } from "../ops/services.ts";

/** Where the parts of a local stack listen. */
export interface StackPorts {
  readonly mariadb: number;
  readonly redis: number;
  readonly mongo: number;
  readonly aws: number;
  readonly smtp: number;
  readonly mail: number;
  readonly pg: number;
  readonly site: number;
  readonly gateway: number;
  /** Three ports per service: gRPC, HTTP, probes. */
  readonly services: Readonly<Record<string, { grpc: number; http: number; probe: number }>>;
}

const partNames = ["gateway", "site", "pg", "mail", "smtp", "mariadb", "redis", "mongo", "aws"] as const;

/** How many ports a stack takes. */
export const stackPortCount = partNames.length + 3 * serviceNames.length;

/** Shares a block of ports among the parts: the gateway is the first. */
export function assignPorts(ports: readonly number[]): StackPorts {
  const [base] = ports;
  if (base === undefined || ports.length < stackPortCount) {
    throw new Error(`a stack takes ${stackPortCount} ports`);
  }
  const parts = Object.fromEntries(partNames.map((name, index) => [name, base + index]));
  const services = serviceNames.map((name, index) => {
    const first = base + partNames.length + 3 * index;
    return [name, { grpc: first, http: first + 1, probe: first + 2 }] as const;
  });
  return { ...(parts as Record<(typeof partNames)[number], number>), services: Object.fromEntries(services) };
}

/** What the environment of a local mesh is made of. */
export interface StackFacts {
  readonly ports: StackPorts;
  readonly databaseUrl: (service: string) => string;
  readonly privateKeyFile: (service: string) => string;
  readonly publicKeysFile: string;
  readonly signingKeysFile: string;
  readonly redisUrl: string;
  readonly mongoUri: string;
  readonly aws: { endpoint: string; region: string; accessKeyId?: string; secretAccessKey?: string };
  readonly smtpUrl: string;
  readonly pageTokenSecret: string;
}

/** The variables of all services of a local mesh. */
export function createMeshEnvironment(facts: StackFacts): Record<string, string> {
  const { ports, aws } = facts;
  const local = (port: number) => `127.0.0.1:${port}`;
  const gatewayUrl = `http://${local(ports.gateway)}`;
  const env: Record<string, string> = {
    REDIS_URL: facts.redisUrl,
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCOUNT_ID: process.env.AWS_ACCOUNT_ID ?? "000000000000",
    USER_JWKS_URL: `http://${local(ports.services.user?.http ?? 0)}/.well-known/jwks.json`,
    TOKEN_ISSUER: "https://questioncloud.example",
    MESH_PUBLIC_KEYS_FILE: facts.publicKeysFile,
    PAGE_TOKEN_SECRET: facts.pageTokenSecret,
    GRPC_REFLECTION: "true",
    GATEWAY_LISTEN_HOST: "127.0.0.1",
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_ADMIN_PORT: "0",
    GATEWAY_SITE_ADDRESS: local(ports.site),
    SITE_PORT: String(ports.site),
    USER_SIGNING_KEYS_FILE: facts.signingKeysFile,
    USER_SMTP_URL: facts.smtpUrl,
    USER_MAIL_FROM: "문제구름 <no-reply@questioncloud.example>",
    USER_SITE_URL: gatewayUrl,
    USER_COOKIE_SECURE: "false",
    QUESTION_BUCKET: "questioncloud",
    POINT_PG_API_URL: `http://${local(ports.pg)}`,
    POINT_PG_SECRET_KEY: "test_sk_questioncloud",
    POINT_PG_CLIENT_KEY: "test_ck_questioncloud",
    POINT_PG_CHECKOUT_URL: `http://${local(ports.pg)}/pay`,
    POINT_SITE_URL: gatewayUrl,
    PAY_MONGODB_URI: facts.mongoUri,
    RATE_SECRET_PER_MINUTE: "1000",
    RATE_MAIL_PER_MINUTE: "1000",
  };
  if (aws.accessKeyId !== undefined && aws.secretAccessKey !== undefined) {
    env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
    env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  }
  for (const name of serviceNames) {
    const own = name.toUpperCase();
    const { grpc, http, probe } = ports.services[name] ?? { grpc: 0, http: 0, probe: 0 };
    Object.assign(env, {
      [`${own}_GRPC_PORT`]: String(grpc),
      [`${own}_HTTP_PORT`]: String(http),
      [`${own}_PROBE_PORT`]: String(probe),
      [`${own}_GRPC_ADDRESSES`]: local(grpc),
      [`${own}_HTTP_ADDRESSES`]: local(http),
      [`${own}_DATABASE_URL`]: facts.databaseUrl(name),
      [`${own}_MESH_KEY_FILE`]: facts.privateKeyFile(name),
    });
  }
  return env;
}

/** Durations for tests: about a tenth of the defaults. */
export const testDurations: Readonly<Record<string, string>> = {
  LOG_LEVEL: "info",
  OUTBOX_POLL_MS: "100",
  OUTBOX_RETRY_MS: "100",
  QUEUE_WAIT_SECONDS: "1",
  QUEUE_VISIBILITY_SECONDS: "4",
  QUEUE_RECEIVES_MAX: "3",
  DRAIN_LIMIT_MS: "5000",
  PAY_WORK_MS: "4000",
  PAY_OWNED_MS: "5000",
  PAY_RESOLVE_POLL_MS: "200",
  PAY_RESOLVE_CLAIM_MS: "5000",
  PAY_RESOLVE_BASE_MS: "200",
  PAY_RESOLVE_MAX_MS: "1000",
  POINT_PG_TIMEOUT_MS: "1500",
  POINT_CONFIRM_WAIT_MS: "2500",
  POINT_RECONCILE_POLL_MS: "100",
  POINT_RECONCILE_CLAIM_MS: "10000",
  POINT_RECONCILE_BASE_MS: "100",
  POINT_RECONCILE_MAX_MS: "1000",
  RATE_READ_PER_MINUTE: "1000000",
  RATE_WRITE_PER_MINUTE: "1000000",
  RATE_MONEY_PER_MINUTE: "1000000",
  RATE_SECRET_PER_MINUTE: "1000000",
  RATE_MAIL_PER_MINUTE: "1000000",
};
