import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "#kit/contract/contracts.ts";
import type { StackPorts } from "./ports.ts";
import { root } from "./root.ts";
import { type ServerProcess, startProcess } from "./servers/process.ts";
import type { StackOptions } from "./stack.ts";
import { startAll } from "./start-all.ts";

const telemetry = join(root, "kit/process/telemetry.ts");
const probeTimeoutMs = 2000;

/** Variables of a process. */
export type Variables = Readonly<Record<string, string>>;

/** Starts the services, all in one process or each in its own. */
export async function startServices(options: StackOptions, ports: StackPorts, env: Variables) {
  const names = options.services ?? (options.processes ? serviceNames : ["all"]);
  options.log(`Starting services: ${names.includes("all") ? serviceNames.join(", ") : names.join(", ")}`);
  const started = await startAll(names.map(name => startService(options, ports, env, name)));
  return new Map(started.map((server, index) => [names[index] ?? "", server]));
}

/** Starts one service, or `all` of them in one process, and waits until it is ready. */
export function startService(options: StackOptions, ports: StackPorts, env: Variables, name: string) {
  const names = name === "all" ? serviceNames : [name];
  return startNode(options, {
    name,
    script: "services/main.ts",
    args: [name],
    env: { ...env, OTEL_SERVICE_NAME: name },
    ready: names.map(each => `http://127.0.0.1:${ports.services[each]?.probe}/readyz`),
  });
}

/** Starts a script of the repository and waits until it answers at every address. */
export function startNode(
  { dir, log }: StackOptions,
  script: {
    name: string;
    script: string;
    args: readonly string[];
    env: Variables;
    ready: readonly string[];
  },
): Promise<ServerProcess> {
  const logs = join(dir, "logs");
  mkdirSync(logs, { recursive: true });
  return startProcess({
    name: script.name,
    command: process.execPath,
    args: ["--import", telemetry, join(root, script.script), ...script.args],
    dir: logs,
    env: { NODE_COMPILE_CACHE: join(root, ".cache/compiled"), ...process.env, ...script.env },
    ready: async () => (await Promise.all(script.ready.map(answersOk))).every(Boolean),
    log,
  });
}

async function answersOk(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs) })).ok;
}
