import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "#dev/demo/wait.ts";
import type { Log } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import { stackFileOf } from "#dev/stack/running-stack.ts";
import { addresses, type NodeFolders } from "../node/folders.ts";
import { execInside, insideNode, kubeconfigOf } from "../node/inside.ts";
import { importImage, makeEnvoyImage } from "./images.ts";

const gatewayNodePort = 30_080;
const storesLimits = { withinMs: 120_000, everyMs: 200 };

/** This program, for insideNode. */
export const ownProgram = [process.execPath, join(root, "k8s/main.ts")];

/** Runs a command of this program inside the node, on its cluster and its stores, and returns its exit code. */
export function runOnNode(folders: NodeFolders, args: readonly string[]): Promise<number> {
  return execInside(folders, [
    ...ownProgram,
    ...args,
    `--kubeconfig=${kubeconfigOf(folders)}`,
    `--stores=${storesFolder(folders)}`,
  ]);
}

/** Where the stores of the node's pods keep their data. */
export const storesFolder = ({ run }: NodeFolders) => join(run, "stores");

/** Imports the image of the product and that of the gateway. */
export async function bringImages(
  folders: NodeFolders,
  archives: readonly string[],
  log: Log,
): Promise<void> {
  for (const archive of [...archives, await makeEnvoyImage(folders, log)]) {
    await importImage(folders, archive);
  }
}

/** Starts the stores of the node's pods inside the node, where they last until it is down. */
export async function startStores(folders: NodeFolders, log: Log): Promise<void> {
  const pidFile = join(folders.run, "stores.pid");
  if (existsSync(pidFile) && existsSync(`/proc/${readFileSync(pidFile, "utf8")}`)) {
    return;
  }
  log("starting databases, queues and simulators on the node");
  const logFile = join(folders.logs, "stores.log");
  const output = openSync(logFile, "w", 0o600);
  const place = [`--address=${addresses.node}`, `--stores=${storesFolder(folders)}`];
  const gateway = `--gateway=${addresses.node}:${gatewayNodePort}`;
  const [command, args] = insideNode(folders, [...ownProgram, "stores", ...place, gateway]);
  const child = spawn(command, args, { stdio: ["ignore", output, output], detached: true });
  child.unref();
  writeFileSync(pidFile, String(child.pid));
  const areUp = () => {
    if (child.exitCode !== null) {
      throw new Error(`the databases of the node did not start; see ${logFile}`);
    }
    return existsSync(stackFileOf(storesFolder(folders)));
  };
  await waitFor(`the databases of the node; see ${logFile}`, areUp, storesLimits);
}
