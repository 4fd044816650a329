import { calleesOf } from "#kit/contract/contracts.ts";
import { type ConfigSchema, type Variable, variablesOf } from "#kit/process/config.ts";
import { telemetryConfig } from "#kit/process/telemetry.ts";
import { keysPath, ports, publicKeysPath } from "./names.ts";

/** Outside servers that pods may connect to. */
export type Backend = "mariadb" | "redis" | "mongodb" | "smtp" | "https" | "otlp";

/** The variables of a part, by where their values come from. */
export interface Needs {
  /** Values that follow from the contracts and from how the pod is built. */
  readonly literals: Readonly<Record<string, string>>;
  /** Names of values that an installation decides. */
  readonly settings: readonly string[];
  /** Names of values that only a Secret holds. */
  readonly secrets: readonly string[];
  /** Those of the secrets that an installation may leave out. */
  readonly optionalSecrets: readonly string[];
  /** Names of values that have a default. */
  readonly defaults: readonly string[];
  readonly backends: readonly Backend[];
}

/** What a service needs, read from its table of variables. */
export async function needsOf(service: string): Promise<Needs> {
  const { config } = (await import(`../../services/${service}/config.ts`)) as { config: ConfigSchema };
  return needsFor(variablesOf({ config, telemetryConfig }), literalsOf(service));
}

/** Sorts variables by where their values come from; what is optional and not secret is left to its default. */
export function needsFor(
  variables: readonly Variable<unknown>[],
  literals: Readonly<Record<string, string>>,
): Needs {
  const open = variables.filter(({ name }) => literals[name] === undefined);
  const required = open.filter(({ schema }) => !schema.safeParse(undefined).success);
  const namesOf = (list: readonly Variable<unknown>[]) => [...new Set(list.map(({ name }) => name))].sort();
  return {
    literals,
    settings: namesOf(required.filter(({ secret }) => !secret)),
    secrets: namesOf(open.filter(({ secret }) => secret)),
    optionalSecrets: namesOf(open.filter(variable => variable.secret && !required.includes(variable))),
    defaults: namesOf(open.filter(variable => !variable.secret && !required.includes(variable))),
    backends: backendsOf(variables.map(({ name }) => name)),
  };
}

function literalsOf(service: string): Record<string, string> {
  const own = service.toUpperCase();
  return {
    LISTEN_HOST: "0.0.0.0",
    OTEL_SERVICE_NAME: service,
    USER_JWKS_URL: `http://user:${ports.http}/.well-known/jwks.json`,
    SERVICE_PUBLIC_KEYS_FILE: `${publicKeysPath}/service-public-keys.json`,
    [`${own}_SERVICE_KEY_FILE`]: `${keysPath}/service-key.json`,
    [`${own}_GRPC_PORT`]: String(ports.grpc),
    [`${own}_HTTP_PORT`]: String(ports.http),
    [`${own}_PROBE_PORT`]: String(ports.probe),
    ...(service === "user" && { USER_SIGNING_KEYS_FILE: `${keysPath}/signing-keys.json` }),
    ...Object.fromEntries(
      calleesOf(service).map(callee => [`${callee.toUpperCase()}_GRPC_ADDRESSES`, `${callee}:${ports.grpc}`]),
    ),
  };
}

const endings: readonly (readonly [ending: RegExp, backend: Backend])[] = [
  [/_DATABASE_URL$/, "mariadb"],
  [/^REDIS_URL$/, "redis"],
  [/_MONGODB_URI$/, "mongodb"],
  [/_SMTP_URL$/, "smtp"],
  [/^AWS_REGION$|_(API|ISSUER)_URL$/, "https"],
  [/^OTEL_EXPORTER_OTLP_ENDPOINT$/, "otlp"],
];

function backendsOf(names: readonly string[]): Backend[] {
  const backends = endings.filter(([ending]) => names.some(name => ending.test(name)));
  return [...new Set(backends.map(([, backend]) => backend))];
}
