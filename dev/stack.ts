import { join } from "node:path";
import { assignPorts, type StackPorts, stackPortCount } from "./environment.ts";
import type { AwsServer } from "./servers/aws.ts";
import { reservePorts } from "./servers/ports.ts";
import type { ServerProcess } from "./servers/process.ts";
import type { BackingServer } from "./servers/server.ts";
import { prepare, startBacking } from "./stack/backing.ts";
import { startGateway } from "./stack/gateway.ts";
import { startMesh, startNode, startService, type Variables } from "./stack/mesh.ts";
import { startAll } from "./stack/start-all.ts";

export interface StackOptions {
  /** Holds data, keys and logs. */
  readonly dir: string;
  /** Ports are taken from a free block at or above this one. */
  readonly portBase: number;
  readonly log: (line: string) => void;
  /** One process per service; otherwise all services share one. */
  readonly processes: boolean;
  /** Variables that replace what the stack would choose. */
  readonly env?: Readonly<Record<string, string>>;
  /** A part of the mesh, as processes of their own; all services when absent. */
  readonly services?: readonly string[];
  /** False keeps queues and files in memory only. */
  readonly keepQueues?: boolean;
}

/** A mesh with everything it stands on, on loopback. */
export interface Stack {
  readonly dir: string;
  readonly ports: StackPorts;
  readonly env: Readonly<Record<string, string>>;
  /** Where web clients and gRPC clients call; undefined where Envoy cannot be had. */
  readonly gatewayUrl: string | undefined;
  readonly mailUrl: string;
  readonly pgUrl: string;
  readonly mariadb: BackingServer;
  readonly redis: BackingServer;
  readonly mongo: BackingServer;
  readonly aws: AwsServer;
  /** The processes of the mesh by name: the services, or `all`. */
  readonly processes: ReadonlyMap<string, ServerProcess>;
  /** Stops a process of the mesh and starts it again, with further variables if given. */
  restart(name: string, env?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts backing servers, brings schemas and queues up to date, and starts the mesh and its gateway. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) {
      await stopOne();
    }
  };
  try {
    return await startParts(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StackOptions,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const block = await reservePorts({ base: options.portBase, count: stackPortCount });
  stops.push(block.release);
  const ports = assignPorts(block.ports);
  const backing = await startBacking(options, ports);
  stops.push(() => Promise.all(Object.values(backing).map(server => server.stop())));
  const env = { ...(await prepare(options, ports, backing)), ...options.env };
  const tools = await startTools(options, ports, env);
  stops.push(() => Promise.all(tools.map(tool => tool.stop())));
  const processes = await startMesh(options, ports, env);
  stops.push(() => Promise.all([...processes.values()].map(server => server.stop())));
  const gateway = await startGateway(options, ports, env);
  stops.push(async () => gateway?.stop());
  return {
    dir: options.dir,
    ports,
    env,
    gatewayUrl: gateway?.url,
    mailUrl: `http://127.0.0.1:${ports.mail}`,
    pgUrl: `http://127.0.0.1:${ports.pg}`,
    ...backing,
    processes,
    async restart(name, more = {}) {
      await processes.get(name)?.stop();
      processes.set(name, await startService(options, ports, { ...env, ...more }, name));
    },
    stop,
  };
}

function startTools(options: StackOptions, ports: StackPorts, env: Variables): Promise<ServerProcess[]> {
  const { dir, log } = options;
  const gateway = `http://127.0.0.1:${ports.gateway}`;
  const mail = ["--smtp", String(ports.smtp), "--http", String(ports.mail), "--data", join(dir, "mail")];
  const webhook = ["--webhook-url", `${gateway}/webhooks/toss`, "--allowed-origin", gateway];
  const pg = ["--port", String(ports.pg), ...webhook, "--data-dir", join(dir, "pg")];
  const start = (name: string, script: string, args: string[], port: number, path: string) =>
    startNode(options, { name, script, args, env, ready: `http://127.0.0.1:${port}${path}` });
  log("Starting mail sink, payment gateway and site");
  return startAll([
    start("mail", "dev/mail/main.ts", mail, ports.mail, "/mails"),
    start("pg", "dev/pg/main.ts", pg, ports.pg, "/sim/books"),
    start("site", "gateway/site/main.ts", [], ports.site, "/readyz"),
  ]);
}
