import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import type { ServerProcess } from "#dev/stack/servers/process.ts";
import { startService } from "#dev/stack/services.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { type ServiceModule, startServices } from "#kit/service/run.ts";

/** A further replica of a service, on the stores of a stack. */
export interface Replica {
  readonly grpcPort: number;
  readonly httpUrl: string;
  readonly grpcUrl: string;
  readonly probeUrl: string;
  stop(): Promise<void>;
}

/** A replica that runs in a process of its own. */
export interface ReplicaProcess extends Replica {
  readonly process: ServerProcess;
}

/** Starts a further process of a service, with variables of its own. */
export async function startReplica(
  stack: Stack,
  service: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ReplicaProcess> {
  const { addresses, ports, variables, release } = await assignAddresses(stack, service);
  const options = {
    dir: join(stack.dir, `${service}-${randomUUID().slice(0, 8)}`),
    portBase: 0,
    processes: true,
    log: () => {},
  };
  const process = await startService(
    options,
    { ...stack.ports, services: { [service]: ports } },
    { ...variables, ...env },
    service,
  );
  return {
    ...addresses,
    process,
    async stop() {
      await process.stop();
      await release();
    },
  };
}

/** A replica that runs in this process. */
export interface ReplicaHere extends Replica {
  /** Stops it as a signal does, and starts it again. */
  restart(): Promise<void>;
}

/** Starts a further replica in this process, which is faster; it does not log. */
export async function startReplicaHere(
  stack: Stack,
  service: string,
  module: ServiceModule,
  env: Readonly<Record<string, string>> = {},
): Promise<ReplicaHere> {
  const { addresses, variables, release } = await assignAddresses(stack, service);
  const start = () => startServices({ [service]: module }, { ...variables, LOG_LEVEL: "silent", ...env });
  let running = await start();
  const stopAll = () => Promise.all(running.map(each => each.stop()));
  return {
    ...addresses,
    async restart() {
      await stopAll();
      running = await start();
    },
    async stop() {
      await stopAll();
      await release();
    },
  };
}

async function assignAddresses(stack: Stack, service: string) {
  const block = await reservePorts({ base: 29_500, count: 3 });
  const [grpc = 0, http = 0, probe = 0] = block.ports;
  const own = service.toUpperCase();
  return {
    ports: { grpc, http, probe },
    addresses: {
      grpcPort: grpc,
      grpcUrl: `http://127.0.0.1:${grpc}`,
      httpUrl: `http://127.0.0.1:${http}`,
      probeUrl: `http://127.0.0.1:${probe}`,
    },
    variables: {
      ...stack.env,
      [`${own}_GRPC_PORT`]: String(grpc),
      [`${own}_HTTP_PORT`]: String(http),
      [`${own}_PROBE_PORT`]: String(probe),
    },
    release: block.release,
  };
}
