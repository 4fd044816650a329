import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse, stringify } from "yaml";
import { localOptions } from "#dev/stack/gateway.ts";
import { root } from "#dev/stack/root.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import type { Part } from "../objects/part.ts";
import { isSharedSecret } from "../objects/pod.ts";
import { type Base, envoyVariables } from "../objects/render.ts";
import { gatewayFiles } from "../objects/tls.ts";
import { backendPatches } from "./backend-patches.ts";
import { gatewayApiChanges } from "./gateway-api.ts";

/** What an installation of its own decides. */
interface Installation {
  /** The folder of an overlay. */
  readonly overlay: string;
  readonly namespace: string;
  /** Names with tags, by the names of base. */
  readonly images: Readonly<Record<string, string>>;
  /** Where pods find databases, queues and simulators. */
  readonly address: string;
  /** The variables of a stack on loopback. */
  readonly env: Readonly<Record<string, string>>;
  /** The gateway is that of Envoy Gateway. */
  readonly gatewayApi?: boolean;
  /** Both ends of every call show certificates. */
  readonly tls?: boolean;
}

type Variables = Readonly<Record<string, string>>;

const loopback = "127.0.0.1";
// Browsers of this machine follow them.
const forBrowsers = /_SITE_URL$|_CHECKOUT_URL$/;
// On a laptop nothing is balanced by others, who would have to learn that a service stops; services share a process.
const notForPods = ["DRAIN_DELAY_MS", "CALLS_WAIT_MS"];
// The simulated AWS takes any.
const awsKeys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/**
 * Writes kustomizations over an overlay, with the settings, secrets and keys of a stack: one for what runs before a
 * rollout, one for what serves, one for what observes.
 */
export function writeInstallation(folder: string, installation: Installation, base: Base) {
  const { jobs, serving, observing } = base;
  const gateway = decidedOptions(installation.env);
  rmSync(folder, { recursive: true, force: true });
  const write = (name: string, parts: readonly Part[], more: Additions = {}) =>
    writeKustomization(join(folder, name), installation, parts, more);
  return {
    observing: write("observing", observing),
    beforeRollout: write("before-rollout", jobs),
    serving: write("serving", serving, {
      configMaps: [
        {
          name: "service-public-keys",
          files: { "service-public-keys.json": read(installation.env.SERVICE_PUBLIC_KEYS_FILE) },
        },
        {
          name: "gateway-envoy",
          behavior: "replace",
          // Envoy reads a file by its ending, and JSON is short.
          files: installation.tls
            ? gatewayFiles(gateway)
            : { "envoy.json": JSON.stringify(parse(renderEnvoy(gateway))) },
        },
      ],
      ...(installation.tls && { components: [join(root, "k8s/base/tls")] }),
      ...(installation.gatewayApi && gatewayApiChanges(gateway, installation.images.envoy ?? "")),
    }),
  };
}

/** The options of the gateway of base, with what the installation decides. */
function decidedOptions(env: Variables): EnvoyOptions {
  const decided = pick(env, ["TOKEN_ISSUER", "TOKEN_AUDIENCE", "GATEWAY_ALLOWED_ORIGINS"]);
  return localOptions({ ...decided, ...envoyVariables });
}

/** A ConfigMap or Secret of variables and files; a changed one gets a new name, by which pods are replaced. */
interface Generated {
  readonly name: string;
  readonly behavior?: "replace";
  readonly variables?: Variables;
  readonly files?: Readonly<Record<string, string>>;
}

/** What one of the kustomizations has besides what all have. */
interface Additions {
  readonly components?: readonly string[];
  readonly configMaps?: readonly Generated[];
  readonly objects?: readonly object[];
  readonly patches?: readonly object[];
}

function writeKustomization(
  folder: string,
  installation: Installation,
  parts: readonly Part[],
  { components = [], configMaps = [], objects = [], patches = [] }: Additions,
): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const env = podEnvironment(installation);
  const settings = pick(
    env,
    parts.flatMap(({ needs }) => needs.settings),
  );
  const shared = pick(env, parts.flatMap(({ needs }) => needs.secrets).filter(isSharedSecret));
  const overrides = parts.map(part => ({
    name: `${part.name}-overrides`,
    variables: overridesOf(part, env),
  }));
  const secrets = parts.flatMap(part => secretsOf(part, env));
  const generate = (each: Generated) => generator(folder, each);
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace: installation.namespace,
    resources: [
      relative(folder, join(installation.overlay, folder.split("/").at(-1) ?? "")),
      ...objects.map((object, index) => writeObject(folder, `object-${index}.json`, object)),
    ],
    components: components.map(component => relative(folder, component)),
    configMapGenerator: [{ name: "settings", variables: settings }, ...overrides, ...configMaps].map(
      generate,
    ),
    secretGenerator: [{ name: "shared", variables: shared }, ...secrets].map(generate),
    images: Object.entries(installation.images).map(([name, image]) => imageOf(name, image)),
    patches: [...backendPatches(installation), ...patches],
  };
  writeFileSync(join(folder, "kustomization.yaml"), stringify(kustomization, { lineWidth: 0 }));
  return folder;
}

function writeObject(folder: string, file: string, object: object): string {
  writeFileSync(join(folder, file), JSON.stringify(object));
  return file;
}

function generator(folder: string, { name, behavior, variables = {}, files = {} }: Generated) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, file), text);
  }
  return {
    name,
    ...(behavior && { behavior }),
    literals: Object.entries(variables).map(([key, value]) => `${key}=${value}`),
    files: Object.keys(files).map(file => join(name, file)),
  };
}

function imageOf(name: string, image: string) {
  const colon = image.lastIndexOf(":");
  return colon > image.lastIndexOf("/")
    ? { name, newName: image.slice(0, colon), newTag: image.slice(colon + 1) }
    : { name, newName: image };
}

/** The variables of a stack as pods see them. */
function podEnvironment({ env, address }: Installation): Variables {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => !notForPods.includes(name))
      .map(([name, value]) => [name, forBrowsers.test(name) ? value : value.replaceAll(loopback, address)]),
  );
}

function overridesOf({ needs }: Part, env: Variables): Variables {
  return pick(env, [...needs.defaults, ...(needs.backends.includes("https") ? awsKeys : [])]);
}

function secretsOf({ name, needs }: Part, env: Variables): Generated[] {
  const own = needs.secrets.filter(key => !isSharedSecret(key));
  const keyFile = env[`${name.toUpperCase()}_SERVICE_KEY_FILE`];
  const keys = keyFile !== undefined && {
    name: `${name}-keys`,
    files: {
      "service-key.json": read(keyFile),
      ...(name === "user" && { "signing-keys.json": read(env.USER_SIGNING_KEYS_FILE) }),
    },
  };
  return [...(own.length > 0 ? [{ name, variables: pick(env, own) }] : []), ...(keys ? [keys] : [])];
}

function pick(env: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(
    [...new Set(names)].flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}

function read(file: string | undefined): string {
  return readFileSync(file ?? "", "utf8");
}
