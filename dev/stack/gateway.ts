import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readEnvoyOptions } from "#gateway/config.ts";
import { defaultRates, type EnvoyOptions } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import type { StackPorts } from "./ports.ts";
import { root } from "./root.ts";
import { findEnvoy, startEnvoy } from "./servers/envoy.ts";
import type { Variables } from "./services.ts";
import type { StackOptions } from "./stack.ts";

// On a laptop all users share one address, and so they do in tests.
const rateFactor = 1000;

/** Makes Envoy's configuration. */
export type RenderGateway = (options: EnvoyOptions) => string | Promise<string>;

/** Starts Envoy in front of the services, if it is available. Returns its address and how to stop it. */
export async function startGateway(
  { dir, log, renderGateway = renderEnvoy }: StackOptions,
  ports: StackPorts,
  env: Variables,
) {
  const bin = await findEnvoy({ cacheDir: join(root, ".cache"), log });
  if (bin === undefined) {
    return undefined;
  }
  log("Starting Envoy");
  const configFile = join(dir, "envoy.yaml");
  const variables = { ...env, GATEWAY_ACCESS_LOG: join(dir, "logs/gateway.log") };
  writeFileSync(configFile, await renderGateway(localOptions(variables)));
  const envoy = await startEnvoy({ bin, configFile, dir, log });
  return { url: `http://127.0.0.1:${ports.gateway}`, stop: envoy.stop };
}

/** The gateway's options for people who share one address. */
export function localOptions(env: Variables): EnvoyOptions {
  return { ...readEnvoyOptions(env), rates: raisedRates() };
}

function raisedRates(): NonNullable<EnvoyOptions["rates"]> {
  const raised = Object.entries(defaultRates).map(([name, rate]) => [
    name,
    { ...rate, requests: rate.requests * rateFactor },
  ]);
  return Object.fromEntries(raised) as NonNullable<EnvoyOptions["rates"]>;
}
