import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serviceNames } from "../../ops/services.ts";
import type { StackPorts } from "../environment.ts";
import { type ServerProcess, startProcess } from "../servers/process.ts";
import type { StackOptions } from "../stack.ts";
import { startAll } from "./start-all.ts";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

// Six services that start at once on two busy cores take their time.
const readyWithinMs = 90_000;
const telemetry = join(root, "kit/telemetry.ts");

/** Variables for a process. */
export type Variables = Readonly<Record<string, string>>;

/** Starts the services, in one process or in processes of their own. */
export async function startMesh(options: StackOptions, ports: StackPorts, env: Variables) {
  const names = options.services ?? (options.processes ? serviceNames : ["all"]);
  options.log(`Starting the mesh: ${names.join(", ")}`);
  const started = await startAll(names.map(name => startService(options, ports, env, name)));
  return new Map(started.map((server, index) => [names[index] ?? "", server]));
}

/** Starts one service, or `all`, and waits until it is ready. */
export function startService(options: StackOptions, ports: StackPorts, env: Variables, name: string) {
  const probes =
    name === "all" ? serviceNames.map(each => ports.services[each]?.probe) : [ports.services[name]?.probe];
  const ready = probes.map(probe => `http://127.0.0.1:${probe}/readyz`);
  return startNode(options, {
    name,
    script: `services/${name}/main.ts`,
    args: [],
    env: { ...env, OTEL_SERVICE_NAME: name },
    ready,
  });
}

/** Starts a script of the project and waits until it answers. */
export function startNode(
  { dir, log }: StackOptions,
  part: {
    name: string;
    script: string;
    args: string[];
    env: Variables;
    ready: string | string[];
  },
): Promise<ServerProcess> {
  const logs = join(dir, "logs");
  mkdirSync(logs, { recursive: true });
  return startProcess({
    name: part.name,
    command: process.execPath,
    args: ["--import", telemetry, join(root, part.script), ...part.args],
    dir: logs,
    env: { NODE_COMPILE_CACHE: join(root, ".cache/compiled"), ...process.env, ...part.env },
    ready: async () => (await Promise.all([part.ready].flat().map(answersOk))).every(Boolean),
    readyWithinMs,
    log,
  });
}

async function answersOk(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
}
