import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isSampleDataLoaded } from "#dev/sample/load.ts";
import { createProgressLog } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import { findPrometheus } from "#dev/stack/servers/prometheus.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { namedServices, UsageError } from "#ops/command-line.ts";
import type { Environment } from "../gateway-api/programs.ts";
import type { NodeFolders } from "../node/folders.ts";
import { requireNode } from "../node/inside.ts";
import { rotate, rotations } from "../rotate/rotate.ts";
import { type Deployment, deploy } from "./deploy.ts";
import { installEnvoyGateway } from "./envoy-gateway.ts";
import { envoyImage } from "./images.ts";
import { buildNextImage } from "./next-image.ts";
import { observe } from "./observe.ts";
import { bringImages, ownProgram, runOnNode, startStores, storesFolder } from "./on-node.ts";
import { probe } from "./probe.ts";
import { roll } from "./roll.ts";
import { imageOfSources } from "./source-image.ts";
import { runStores } from "./stores.ts";
import { verify, verifyOnNode } from "./verify.ts";

const options = {
  kubeconfig: { type: "string" },
  address: { type: "string" },
  stores: { type: "string", default: join(root, ".data/k8s") },
  gateway: { type: "string" },
  image: { type: "string" },
  "envoy-image": { type: "string", default: envoyImage },
  services: { type: "string", default: serviceNames.join(",") },
  to: { type: "string" },
  next: { type: "boolean", default: false },
  seconds: { type: "string", default: "60" },
  "no-demo": { type: "boolean", default: false },
  "gateway-api": { type: "boolean", default: false },
  tls: { type: "boolean", default: false },
  only: { type: "string" },
} as const;

/** `npm run k8s -- deploy`: on the node of this machine, or on the cluster of a kubeconfig. */
export async function deployCommand(
  args: readonly string[],
  folders: NodeFolders,
  env: Environment,
): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.kubeconfig !== undefined) {
    return deploy(deploymentOf(values));
  }
  const { log, end } = createProgressLog();
  requireNode(folders);
  const image = await imageOfSources(log);
  log(`importing ${image.name}`);
  await bringImages(folders, [image.archive], log);
  await startStores(folders, log);
  if (values["gateway-api"]) {
    await installEnvoyGateway(folders, env, log);
  }
  end();
  return runOnNode(folders, ["deploy", `--image=${image.name}`, ...args]);
}

function deploymentOf(values: Readonly<Record<string, string | boolean | undefined>>): Deployment {
  const text = (name: string) => {
    const value = values[name];
    if (typeof value !== "string" || value === "") {
      throw new UsageError(`--${name} is missing`);
    }
    return value;
  };
  const kubeconfig = text("kubeconfig");
  if (!existsSync(kubeconfig)) {
    throw new UsageError(`there is no file ${kubeconfig}`);
  }
  return {
    kubeconfig,
    image: text("image"),
    envoyImage: text("envoy-image"),
    address: text("address"),
    stores: text("stores"),
    demo: values["no-demo"] !== true,
    gatewayApi: values["gateway-api"] === true,
    tls: values.tls === true,
  };
}

/** `npm run k8s -- probe`: who reaches whom. */
export async function probeCommand(args: readonly string[], folders: NodeFolders): Promise<number> {
  const { kubeconfig, stores } = parseArgs({ args: [...args], options }).values;
  return kubeconfig === undefined ? runOnNode(folders, ["probe", ...args]) : probe(kubeconfig, stores);
}

/** `npm run k8s -- roll`: whether anyone notices that pods are replaced, deleted, evicted, killed and stopped. */
export async function rollCommand(args: readonly string[], folders: NodeFolders): Promise<number> {
  const { kubeconfig, stores, services, to, next, seconds } = parseArgs({ args: [...args], options }).values;
  const names = namedServices(services.split(","));
  if (!/^\d{1,4}$/.test(seconds)) {
    throw new UsageError("--seconds must be a whole number");
  }
  if (!canBuy(kubeconfig === undefined ? storesFolder(folders) : stores)) {
    return 1;
  }
  if (kubeconfig !== undefined) {
    return roll({ kubeconfig, stores, services: names, to, seconds: Number(seconds) });
  }
  const rest = [`--services=${names.join(",")}`, `--seconds=${seconds}`];
  return runOnNode(folders, ["roll", ...rest, ...(next ? [`--to=${await bringNextImage(folders)}`] : [])]);
}

function canBuy(stores: string): boolean {
  const loaded = isSampleDataLoaded(stores);
  if (!loaded) {
    process.stderr.write("There is no sample data to read and buy; deploy without --no-demo loads it.\n");
  }
  return loaded;
}

/** `npm run k8s -- rotate`: whether anyone notices that keys, secrets and passwords are replaced. */
export async function rotateCommand(args: readonly string[], folders: NodeFolders): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  const { kubeconfig, address, stores, "envoy-image": gatewayImage } = values;
  const only = values.only?.split(",");
  const unknown = only?.find(name => rotations[name] === undefined);
  if (unknown !== undefined) {
    throw new UsageError(`not to be rotated: ${unknown}; there are: ${Object.keys(rotations).join(", ")}`);
  }
  if (!canBuy(kubeconfig === undefined ? storesFolder(folders) : stores)) {
    return 1;
  }
  if (kubeconfig === undefined) {
    requireNode(folders);
    return runOnNode(folders, ["rotate", ...args]);
  }
  if (address === undefined) {
    throw new UsageError("--address is missing");
  }
  return rotate({ kubeconfig, address, stores, envoyImage: gatewayImage, only });
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

/** `npm run k8s -- observe`: whether everything is seen that should be. */
export async function observeCommand(args: readonly string[], folders: NodeFolders): Promise<number> {
  const { kubeconfig, address, stores } = parseArgs({ args: [...args], options }).values;
  if (kubeconfig === undefined) {
    // There is no way out of the node by which it could be fetched.
    await findPrometheus(line => process.stderr.write(`${line}\n`));
    return runOnNode(folders, ["observe", ...args]);
  }
  if (address === undefined) {
    throw new UsageError("--address is missing");
  }
  return observe({ kubeconfig, address, stores });
}

/** `npm run k8s -- verify`: whether an API server takes every object. */
export async function verifyCommand(args: readonly string[], folders: NodeFolders): Promise<number> {
  const { kubeconfig } = parseArgs({ args: [...args], options }).values;
  return kubeconfig === undefined ? verifyOnNode(folders, ownProgram) : verify(kubeconfig);
}

/** `npm run k8s -- stores`: databases, queues and simulators for the pods of a cluster. */
export async function storesCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  const { address, gateway, stores } = values;
  if (address === undefined || gateway === undefined) {
    throw new UsageError("--address and --gateway are missing");
  }
  return runStores({ address, gateway, folder: stores });
}
