import { mkdirSync, rmSync } from "node:fs";
import { createProgressLog } from "#dev/stack/progress.ts";
import { stackFileOf, writeStackFile } from "#dev/stack/running-stack.ts";
import { startStack } from "#dev/stack/stack.ts";
import { untilInterrupted } from "#ops/command-line.ts";
import { forward } from "./forward.ts";

const portBase = 21_000;
const loopback = "127.0.0.1";

interface StoresOptions {
  /** Where pods find this machine. */
  readonly address: string;
  /** Where this machine finds the gateway of the cluster: host:port. */
  readonly gateway: string;
  readonly folder: string;
}

/**
 * Runs the databases, queues and simulators of a laptop for the pods of a cluster until it is interrupted; what comes
 * to the gateway's port on loopback goes to the gateway of the cluster.
 */
export async function runStores({ address, gateway, folder }: StoresOptions): Promise<number> {
  const interrupted = untilInterrupted();
  const { log, end } = createProgressLog();
  const [host = "", port] = gateway.split(":");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(stackFileOf(folder), { force: true });
  const stack = await startStack({
    dir: folder,
    portBase,
    log,
    processes: true,
    services: [],
    gateway: false,
    publicHost: address,
  });
  const { gateway: gatewayPort, site: _, services: __, ...ports } = stack.ports;
  for (const each of Object.values(ports)) {
    await forward({ host: address, port: each }, { host: loopback, port: each });
  }
  await forward({ host: loopback, port: gatewayPort }, { host, port: Number(port) });
  const { mailUrl, pspUrl, identityUrl, env } = stack;
  const gatewayUrl = `http://${loopback}:${gatewayPort}`;
  writeStackFile(folder, { gatewayUrl, mailUrl, pspUrl, identityUrl, users: [], env });
  log(`pods find databases, queues and simulators at ${address}; the gateway is ${gatewayUrl}`);
  end();
  await new Promise(resolve => interrupted.addEventListener("abort", resolve, { once: true }));
  rmSync(stackFileOf(folder), { force: true });
  await stack.stop();
  return 0;
}
