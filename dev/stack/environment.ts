import { serviceNames } from "#kit/contract/contracts.ts";
import type { StackPorts } from "./ports.ts";

/** The inputs to the environment of a local stack. */
interface StackFacts {
  readonly ports: StackPorts;
  readonly databaseUrl: (service: string, user: string) => string;
  readonly privateKeyFile: (service: string) => string;
  readonly publicKeysFile: string;
  readonly signingKeysFile: string;
  readonly redisUrl: string;
  readonly mongoUri: string;
  readonly aws: { endpoint: string; region: string; accessKeyId?: string; secretAccessKey?: string };
  readonly smtpUrl: string;
  readonly pageTokenSecret: string;
  readonly deviceSecret: string;
  readonly checkoutSecret: string;
}

/** The variables of all services, of the gateway and of the site on a local stack. */
export function createStackEnvironment(facts: StackFacts): Record<string, string> {
  return {
    ...laptopSettings(),
    ...storeVariables(facts),
    ...gatewayVariables(facts.ports),
    ...ownVariables(facts),
    ...Object.assign({}, ...serviceNames.map(name => serviceVariables(name, facts))),
  };
}

/** Settings that suit a laptop; the environment of the caller overrides them. */
function laptopSettings(): Record<string, string> {
  const settings = {
    AWS_ACCOUNT_ID: "000000000000",
    TOKEN_ISSUER: "https://questioncloud.example",
    GRPC_REFLECTION: "true",
    GATEWAY_ALLOWED_ORIGINS: "http://localhost:*,http://127.0.0.1:*,http://[::1]:*",
    DRAIN_DELAY_MS: "300",
    // All services share one event loop here, with each other and with databases on the same cores.
    CALLS_WAIT_MS: "10000",
    USER_MAIL_FROM: "문제구름 <no-reply@questioncloud.example>",
    USER_COOKIE_SECURE: "false",
    RATE_SECRET_PER_MINUTE: "1000",
    RATE_MAIL_PER_MINUTE: "1000",
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, process.env[name] || value]),
  );
}

function storeVariables({ aws, ...facts }: StackFacts): Record<string, string> {
  return {
    REDIS_URL: facts.redisUrl,
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.endpoint,
    ...(aws.accessKeyId !== undefined && { AWS_ACCESS_KEY_ID: aws.accessKeyId }),
    ...(aws.secretAccessKey !== undefined && { AWS_SECRET_ACCESS_KEY: aws.secretAccessKey }),
    SERVICE_PUBLIC_KEYS_FILE: facts.publicKeysFile,
    PAGE_TOKEN_SECRETS: facts.pageTokenSecret,
  };
}

function gatewayVariables(ports: StackPorts): Record<string, string> {
  return {
    USER_JWKS_URL: `http://${local(ports.services.user?.http)}/.well-known/jwks.json`,
    GATEWAY_LISTEN_HOST: "127.0.0.1",
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_ADMIN_PORT: "0",
    GATEWAY_SITE_ADDRESS: local(ports.site),
    SITE_PORT: String(ports.site),
  };
}

/** Variables that only one service reads. */
function ownVariables({ ports, ...facts }: StackFacts): Record<string, string> {
  const siteUrl = `http://${local(ports.gateway)}`;
  const pspUrl = `http://${local(ports.psp)}`;
  return {
    USER_SIGNING_KEYS_FILE: facts.signingKeysFile,
    USER_DEVICE_SECRETS: facts.deviceSecret,
    USER_SMTP_URL: facts.smtpUrl,
    USER_SITE_URL: siteUrl,
    ...socialVariables(ports),
    QUESTION_BUCKET: "questioncloud",
    POST_BUCKET: "questioncloud-posts",
    POINT_TOSS_API_URL: pspUrl,
    POINT_TOSS_SECRET_KEY: "test_sk_questioncloud",
    POINT_TOSS_CLIENT_KEY: "test_ck_questioncloud",
    POINT_TOSS_CHECKOUT_URL: `${pspUrl}/pay`,
    POINT_SITE_URL: siteUrl,
    POINT_CHECKOUT_SECRETS: facts.checkoutSecret,
    PAY_MONGODB_URI: facts.mongoUri,
  };
}

/**
 * The simulated identity providers, for those that the environment does not configure; the host of the real one is the
 * first segment of the path.
 */
function socialVariables(ports: StackPorts): Record<string, string> {
  const issuers = { KAKAO: "kauth.kakao.com", GOOGLE: "accounts.google.com", NAVER: "nid.naver.com" };
  const simulated = Object.entries(issuers).filter(([name]) => !process.env[`USER_SOCIAL_${name}_CLIENT_ID`]);
  const entries = simulated.flatMap(([name, host]) => [
    [`USER_SOCIAL_${name}_ISSUER_URL`, `http://${local(ports.identity)}/${host}`],
    [`USER_SOCIAL_${name}_CLIENT_ID`, "questioncloud"],
    [`USER_SOCIAL_${name}_CLIENT_SECRET`, "test_identity_secret"],
  ]);
  return Object.fromEntries(entries);
}

/** Variables that every service has under its own name. */
function serviceVariables(name: string, { ports, ...facts }: StackFacts): Record<string, string> {
  const own = name.toUpperCase();
  const listeners = ports.services[name];
  return {
    [`${own}_GRPC_PORT`]: String(listeners?.grpc),
    [`${own}_HTTP_PORT`]: String(listeners?.http),
    [`${own}_PROBE_PORT`]: String(listeners?.probe),
    [`${own}_GRPC_ADDRESSES`]: local(listeners?.grpc),
    [`${own}_HTTP_ADDRESSES`]: local(listeners?.http),
    [`${own}_DATABASE_URL`]: facts.databaseUrl(name, name),
    [`${own}_MIGRATION_DATABASE_URL`]: facts.databaseUrl(name, ownerOf(name)),
    [`${own}_SERVICE_KEY_FILE`]: facts.privateKeyFile(name),
  };
}

/** The database user that owns the schema of a service. */
export function ownerOf(service: string): string {
  return `${service}_owner`;
}

function local(port: number | undefined): string {
  return `127.0.0.1:${port}`;
}

/** Durations for tests, about a tenth of the defaults, and limits that no test meets by accident. */
export const testDurations: Readonly<Record<string, string>> = {
  LOG_LEVEL: "info",
  OUTBOX_POLL_MS: "100",
  OUTBOX_RETRY_MS: "100",
  QUEUE_WAIT_SECONDS: "1",
  QUEUE_VISIBILITY_SECONDS: "4",
  QUEUE_DELETE_DELAY_MS: "20",
  QUEUE_RECEIVES_MAX: "3",
  DRAIN_DELAY_MS: "300",
  DRAIN_LIMIT_MS: "5000",
  USER_SMTP_TIMEOUT_MS: "2000",
  USER_SOCIAL_TIMEOUT_MS: "2500",
  USER_WITHDRAWAL_POLL_MS: "200",
  USER_WITHDRAWAL_CLAIM_MS: "1000",
  POST_CLEANUP_INTERVAL_MS: "500",
  QUESTION_WITHDRAWAL_POLL_MS: "200",
  QUESTION_WITHDRAWAL_CLAIM_MS: "1000",
  POST_NEWS_POLL_MS: "200",
  POST_REMOVED_FILES_POLL_MS: "200",
  POST_REMOVED_FILES_CLAIM_MS: "2000",
  POST_NEWS_CLAIM_MS: "1000",
  PAY_WORK_MS: "4000",
  PAY_RESOLVE_POLL_MS: "200",
  PAY_CLAIM_MS: "1000",
  PAY_RESOLVE_BASE_MS: "200",
  PAY_RESOLVE_MAX_MS: "1000",
  POINT_TOSS_TIMEOUT_MS: "1500",
  POINT_CONFIRM_WAIT_MS: "2500",
  POINT_RECONCILE_POLL_MS: "100",
  POINT_RECONCILE_CLAIM_MS: "1000",
  POINT_RECONCILE_BASE_MS: "100",
  POINT_RECONCILE_MAX_MS: "1000",
  RATE_READ_PER_MINUTE: "1000000",
  RATE_WRITE_PER_MINUTE: "1000000",
  RATE_MONEY_PER_MINUTE: "1000000",
  RATE_SECRET_PER_MINUTE: "1000000",
  RATE_MAIL_PER_MINUTE: "1000000",
  USER_REGISTRATIONS_PER_HOUR: "1000000",
};
