import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { isSampleDataLoaded } from "#dev/sample/load.ts";
import { createProgressLog } from "#dev/stack/progress.ts";
import { findPrometheus } from "#dev/stack/servers/prometheus.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { namedServices, UsageError } from "#ops/command-line.ts";
import type { Environment } from "../gateway-api/programs.ts";
import { addresses, type NodeFolders } from "../node/folders.ts";
import { requireNode } from "../node/inside.ts";
import { rotate, rotations } from "../rotate/rotate.ts";
import { deploy } from "./deploy.ts";
import { installEnvoyGateway } from "./envoy-gateway.ts";
import { envoyImage } from "./images.ts";
import { buildNextImage } from "./next-image.ts";
import { observe } from "./observe.ts";
import { bringImages, ownProgram, runOnNode, startStores, storesFolder } from "./on-node.ts";
import { defaultStores, flag, readOptions, required, text } from "./options.ts";
import { probe } from "./probe.ts";
import { roll } from "./roll.ts";
import { imageOfSources } from "./source-image.ts";
import { runStores } from "./stores.ts";
import { verify, verifyOnNode } from "./verify.ts";

type Arguments = readonly string[];

const addressOfNode = `--address=${addresses.node}`;

/** `npm run k8s -- deploy`: on the node of this machine, or on the cluster of a kubeconfig. */
export async function deployCommand(
  args: Arguments,
  folders: NodeFolders,
  env: Environment,
): Promise<number> {
  const { values, kubeconfig, stores } = readOptions(args, {
    ...{ address: text, image: text, "envoy-image": text },
    ...{ "no-demo": flag, "gateway-api": flag, tls: flag },
  });
  const { "no-demo": noDemo = false, "gateway-api": gatewayApi = false, tls = false } = values;
  if (gatewayApi && tls) {
    throw new UsageError("either --gateway-api or --tls: the certificates are those of the part gateway");
  }
  if (kubeconfig !== undefined) {
    const image = required(values, "image");
    const address = required(values, "address");
    const envoy = values["envoy-image"] ?? envoyImage;
    return deploy({ kubeconfig, stores, address, image, envoyImage: envoy, demo: !noDemo, gatewayApi, tls });
  }
  const { log, end } = createProgressLog();
  requireNode(folders);
  const image = await imageOfSources(log);
  log(`importing ${image.name}`);
  await bringImages(folders, [image.archive], log);
  await startStores(folders, log);
  if (gatewayApi) {
    await installEnvoyGateway(folders, env, log);
  }
  end();
  return runOnNode(folders, ["deploy", `--image=${image.name}`, addressOfNode, ...args]);
}

/** `npm run k8s -- probe`: who reaches whom. */
export async function probeCommand(args: Arguments, folders: NodeFolders): Promise<number> {
  const { kubeconfig, stores } = readOptions(args, {});
  return kubeconfig === undefined ? runOnNode(folders, ["probe"]) : probe(kubeconfig, stores);
}

/** `npm run k8s -- roll`: whether anyone notices that pods are replaced, deleted, evicted, killed and stopped. */
export async function rollCommand(args: Arguments, folders: NodeFolders): Promise<number> {
  const { values, kubeconfig, stores } = readOptions(args, {
    ...{ services: text, seconds: text, to: text, next: flag },
  });
  const { seconds = "60", to, next } = values;
  const services = namedServices(values.services?.split(",") ?? []);
  if (!/^\d{1,4}$/.test(seconds)) {
    throw new UsageError("--seconds must be a whole number");
  }
  if (next && kubeconfig !== undefined) {
    throw new UsageError("--next builds an image for the node; with --kubeconfig, --to names one");
  }
  if (!canBuy(kubeconfig === undefined ? storesFolder(folders) : stores)) {
    return 1;
  }
  if (kubeconfig !== undefined) {
    return roll({ kubeconfig, stores, services, to, seconds: Number(seconds) });
  }
  const rest = [`--services=${services.join(",")}`, `--seconds=${seconds}`];
  return runOnNode(folders, ["roll", ...rest, ...(next ? [`--to=${await bringNextImage(folders)}`] : [])]);
}

function canBuy(stores: string): boolean {
  const loaded = isSampleDataLoaded(stores);
  if (!loaded) {
    process.stderr.write("There is no sample data to read and buy; deploy without --no-demo loads it.\n");
  }
  return loaded;
}

/** Builds the image of a next version and imports it into the node. */
async function bringNextImage(folders: NodeFolders): Promise<string> {
  const { log, end } = createProgressLog();
  requireNode(folders);
  log("building the image of a next version, with one more migration in every schema");
  const { name, archive } = await buildNextImage(serviceNames);
  await bringImages(folders, [archive], log);
  rmSync(archive);
  end();
  return name;
}

/** `npm run k8s -- rotate`: whether anyone notices that keys, secrets and passwords are replaced. */
export async function rotateCommand(args: Arguments, folders: NodeFolders): Promise<number> {
  const { values, kubeconfig, stores } = readOptions(args, { address: text, only: text, "let-expire": flag });
  const only = values.only?.split(",");
  const letExpire = values["let-expire"] === true;
  const unknown = only?.find(name => !Object.hasOwn(rotations, name));
  if (unknown !== undefined) {
    throw new UsageError(`not to be rotated: ${unknown}; there are: ${Object.keys(rotations).join(", ")}`);
  }
  const address = kubeconfig === undefined ? addresses.node : required(values, "address");
  if (!canBuy(kubeconfig === undefined ? storesFolder(folders) : stores)) {
    return 1;
  }
  return kubeconfig === undefined
    ? runOnNode(folders, ["rotate", addressOfNode, ...args])
    : rotate({ kubeconfig, address, stores, only, letExpire });
}

/** `npm run k8s -- observe`: whether everything is seen that should be. */
export async function observeCommand(args: Arguments, folders: NodeFolders): Promise<number> {
  const { values, kubeconfig, stores } = readOptions(args, { address: text });
  if (kubeconfig === undefined) {
    // There is no way out of the node by which it could be fetched.
    await findPrometheus(line => process.stderr.write(`${line}\n`));
    return runOnNode(folders, ["observe", addressOfNode]);
  }
  return observe({ kubeconfig, address: required(values, "address"), stores });
}

/** `npm run k8s -- verify`: whether an API server takes every object. */
export async function verifyCommand(args: Arguments, folders: NodeFolders): Promise<number> {
  const { kubeconfig } = parseArgs({ args: [...args], options: { kubeconfig: text } }).values;
  return kubeconfig === undefined ? verifyOnNode(folders, ownProgram) : verify(kubeconfig);
}

/** `npm run k8s -- stores`: databases, queues and simulators for the pods of a cluster. */
export async function storesCommand(args: Arguments): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { address: text, gateway: text, stores: text } });
  const address = required(values, "address");
  const gateway = required(values, "gateway");
  return runStores({ address, gateway, folder: values.stores ?? defaultStores });
}
