import { join } from "node:path";
import { providerNames } from "../sim/identity/people.ts";
import { prepare, startBackingServers } from "./backing-servers.ts";
import { type RenderGateway, startGateway } from "./gateway.ts";
import { assignPorts, type StackPorts, stackPortCount } from "./ports.ts";
import type { AwsServer } from "./servers/aws.ts";
import { reservePorts } from "./servers/ports.ts";
import type { ServerProcess } from "./servers/process.ts";
import type { BackingServer } from "./servers/server.ts";
import { startNode, startService, startServices, type Variables } from "./services.ts";
import { startAll } from "./start-all.ts";

export interface StackOptions {
  /** Holds data, keys and logs. */
  readonly dir: string;
  /** Ports are taken from a free block at or above this one, from the same as last time if it is free. */
  readonly portBase: number;
  readonly log: (line: string) => void;
  /** One process per service; otherwise all services share one. */
  readonly processes: boolean;
  /** Variables that replace what the stack would choose. */
  readonly env?: Readonly<Record<string, string>>;
  /** Starts only these services, each as a process of its own. */
  readonly services?: readonly string[];
  /** The address by which services on other hosts reach this machine. */
  readonly publicHost?: string;
  /** False leaves out the gateway and the site. */
  readonly gateway?: boolean;
  /** Makes the gateway's configuration; otherwise it is the project's own. */
  readonly renderGateway?: RenderGateway;
  /** False keeps queues and files in memory only. */
  readonly keepQueues?: boolean;
}

/** All services with their backing servers, gateway and simulators, on loopback. */
export interface Stack {
  readonly dir: string;
  readonly ports: StackPorts;
  readonly env: Readonly<Record<string, string>>;
  /** The address for web and gRPC clients; undefined where Envoy is not available. */
  readonly gatewayUrl: string | undefined;
  readonly mailUrl: string;
  readonly pspUrl: string;
  /** The simulated Google, Kakao and Naver. */
  readonly identityUrl: string;
  readonly mariadb: BackingServer;
  readonly redis: BackingServer;
  readonly mongo: BackingServer;
  readonly aws: AwsServer;
  /** The processes that run services, by service, or `all` for one that runs them all. */
  readonly processes: ReadonlyMap<string, ServerProcess>;
  /** Stops one of these processes and starts it again, with further variables if given. */
  restart(name: string, env?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts backing servers, brings schemas and queues up to date, and starts simulators, services, site and gateway. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) {
      await stopOne();
    }
  };
  try {
    return await startAllOf(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAllOf(
  options: StackOptions,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const block = await reservePorts({
    base: options.portBase,
    count: stackPortCount,
    file: join(options.dir, "ports.json"),
  });
  stops.push(block.release);
  const ports = assignPorts(block.ports);
  const backing = await startBackingServers(options, ports);
  stops.push(() => Promise.all(Object.values(backing).map(server => server.stop())));
  const env = { ...(await prepare(options, ports, backing)), ...options.env };
  const simulators = await startSimulatorsAndSite(options, ports, env);
  stops.push(() => Promise.all(simulators.map(simulator => simulator.stop())));
  const processes = await startServices(options, ports, env);
  stops.push(() => Promise.all([...processes.values()].map(server => server.stop())));
  const gateway = options.gateway === false ? undefined : await startGateway(options, ports, env);
  stops.push(async () => gateway?.stop());
  return {
    dir: options.dir,
    ports,
    env,
    gatewayUrl: gateway?.url,
    mailUrl: `http://127.0.0.1:${ports.mail}`,
    pspUrl: `http://127.0.0.1:${ports.psp}`,
    identityUrl: `http://127.0.0.1:${ports.identity}`,
    ...backing,
    processes,
    async restart(name, more = {}) {
      await processes.get(name)?.stop();
      processes.set(name, await startService(options, ports, { ...env, ...more }, name));
    },
    stop,
  };
}

function startSimulatorsAndSite(
  options: StackOptions,
  ports: StackPorts,
  env: Variables,
): Promise<ServerProcess[]> {
  const { dir, log } = options;
  const gateway = `http://127.0.0.1:${ports.gateway}`;
  const mail = ["--smtp", String(ports.smtp), "--http", String(ports.mail), "--data", join(dir, "mail")];
  const webhook = ["--webhook-url", `${gateway}/webhooks/toss`, "--allowed-origin", gateway];
  const psp = ["--port", String(ports.psp), ...webhook, "--data-dir", join(dir, "psp")];
  const callbacks = providerNames.flatMap(name => ["--redirect-uri", `${gateway}/login/${name}`]);
  const host = options.publicHost === undefined ? [] : ["--public-host", options.publicHost];
  const identity = ["--port", String(ports.identity), ...host, ...callbacks];
  const start = (name: string, script: string, args: string[], port: number, path: string) =>
    startNode(options, { name, script, args, env, ready: [`http://127.0.0.1:${port}${path}`] });
  log("Starting mail sink, simulated PSP, simulated identity providers and site");
  const site = () => start("site", "gateway/site/main.ts", [], ports.site, "/readyz");
  return startAll([
    start("mail", "dev/sim/mail/main.ts", mail, ports.mail, "/mails"),
    start("psp", "dev/sim/psp/main.ts", psp, ports.psp, "/sim/webhooks"),
    start("identity", "dev/sim/identity/main.ts", identity, ports.identity, "/sim/people"),
    ...(options.gateway === false ? [] : [site()]),
  ]);
}
