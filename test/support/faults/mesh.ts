import { join } from "node:path";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import type { ServerProcess } from "#dev/stack/servers/process.ts";
import { startService, type Variables } from "#dev/stack/services.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { startAll } from "#dev/stack/start-all.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { startTestStack } from "../stack/stack.ts";
import { type Clocks, createClocks } from "./clock.ts";
import { isLong } from "./given.ts";
import { type Links, openLinks } from "./links.ts";

const zones = ["Asia/Seoul", "UTC"];

// Of those that take no part in a purchase there is one, because every process costs seconds.
const inPurchase: ReadonlySet<string> = new Set(["user", "question", "point", "coupon", "pay"]);
const replicasOf = (service: string) => (isLong || inPurchase.has(service) ? 2 : 1);

/** A replica of a service: a process of its own, with a proxy to everything that it calls. */
export interface MeshReplica {
  /** As in `pay-1`. */
  readonly id: string;
  readonly service: string;
  readonly ports: { readonly grpc: number; readonly http: number; readonly probe: number };
}

/** A running replica. */
interface RunningReplica extends MeshReplica {
  readonly process: ServerProcess;
}

/**
 * A stack whose services run as several processes each, with a proxy between every pair: gateway and service, service
 * and service, service and store or PSP.
 */
export interface FaultMesh {
  readonly stack: Stack;
  readonly links: Links;
  readonly replicas: readonly RunningReplica[];
  /** The first of the replicas of a service, or another one. */
  replica(service: string, number?: number): RunningReplica;
  /** Undefined where libfaketime is missing. */
  readonly clocks: Clocks | undefined;
  /** Ends every fault: proxies pass, clocks are right, and processes run. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

interface MeshOptions {
  readonly env?: Variables;
}

/** Starts a mesh; the replicas of a service are in different time zones. */
export async function startFaultMesh({ env = {} }: MeshOptions): Promise<FaultMesh> {
  const names = serviceNames.flatMap(service =>
    Array.from({ length: replicasOf(service) }, (_, index) => ({ id: `${service}-${index + 1}`, service })),
  );
  const block = await reservePorts({ base: 30_000, count: 3 * names.length });
  const members = names.map(({ id, service }, index): MeshReplica => {
    const [grpc = 0, http = 0, probe = 0] = block.ports.slice(3 * index);
    return { id, service, ports: { grpc, http, probe } };
  });
  const links = await openLinks(members);
  const stops: (() => Promise<unknown>)[] = [block.release, links.close];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) {
      await stopOne();
    }
  };
  try {
    const jwks = members.find(({ service }) => service === "user")?.ports.http;
    const stack = await startTestStack({
      services: [],
      env: {
        ...links.gatewayVariables(),
        USER_JWKS_URL: `http://127.0.0.1:${jwks}/.well-known/jwks.json`,
        ...env,
      },
    });
    stops.push(stack.stop);
    await links.openStores(stack);
    const probeUrls = members.map(({ id, ports }) => [id, `http://127.0.0.1:${ports.probe}/livez`] as const);
    const clocks = await createClocks(stack.dir, new Map(probeUrls));
    const start = async (member: MeshReplica, index: number): Promise<RunningReplica> => ({
      ...member,
      process: await startMember(stack, member, {
        TZ: zones[index % zones.length] ?? "",
        ...links.variablesOf(member),
        ...clocks?.variables(member.id),
      }),
    });
    const processes = await startAll(
      members.map(async (member, index) => stoppable(await start(member, index))),
    );
    const replicas = processes.map(({ replica }) => replica);
    stops.push(() => Promise.all(processes.map(each => each.stop())));
    return {
      stack,
      links,
      replicas,
      clocks,
      replica: (service, number = 1) => find(replicas, `${service}-${number}`),
      heal: () => heal(replicas, links, clocks),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const stoppable = (replica: RunningReplica) => ({ replica, stop: () => replica.process.stop() });

function find(replicas: readonly RunningReplica[], id: string): RunningReplica {
  const found = replicas.find(each => each.id === id);
  if (found === undefined) {
    throw new Error(`there is no replica ${id}`);
  }
  return found;
}

function startMember(
  stack: Stack,
  { id, service, ports }: MeshReplica,
  more: Variables,
): Promise<ServerProcess> {
  const own = service.toUpperCase();
  const options = { dir: join(stack.dir, id), portBase: 0, processes: true, log: () => {} };
  const variables = {
    ...stack.env,
    [`${own}_GRPC_PORT`]: String(ports.grpc),
    [`${own}_HTTP_PORT`]: String(ports.http),
    [`${own}_PROBE_PORT`]: String(ports.probe),
    ...more,
  };
  return startService(options, { ...stack.ports, services: { [service]: ports } }, variables, service);
}

async function heal(
  replicas: readonly RunningReplica[],
  links: Links,
  clocks: Clocks | undefined,
): Promise<void> {
  links.open();
  await Promise.all(
    replicas.map(async ({ id, process }) => {
      clocks?.set(id, 0);
      await (process.pid === undefined ? process.start() : process.kill("SIGCONT"));
    }),
  );
  await clocks?.untilShown();
}
