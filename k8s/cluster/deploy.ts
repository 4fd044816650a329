import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "#dev/demo/wait.ts";
import { loadSampleData } from "#dev/sample/load.ts";
import { createProgressLog, type Log } from "#dev/stack/progress.ts";
import { root } from "#dev/stack/root.ts";
import { type RunningStack, readStackFile, stackFileOf } from "#dev/stack/running-stack.ts";
import { createRouteTable } from "#gateway/routes.ts";
import { createBase } from "../objects/render.ts";
import { applyFolder, namespaceOf, runJobs, waitForRollouts } from "./apply.ts";
import { certify } from "./certificates.ts";
import { waitUntilProgrammed } from "./envoy-gateway.ts";
import { writeInstallation } from "./installation.ts";
import { type Kubectl, kubectlOf } from "./kubectl.ts";

const gatewayLimits = { withinMs: 60_000, everyMs: 500 };

export const namespace = "questioncloud";

/** A cluster that is there, and what it runs. */
interface Deployment {
  readonly kubeconfig: string;
  readonly image: string;
  readonly envoyImage: string;
  /** Where the cluster's pods find this machine. */
  readonly address: string;
  /** The folder of `npm run k8s -- stores`. */
  readonly stores: string;
  /** False ends when everything is ready. */
  readonly demo: boolean;
  /** With the Envoys of Envoy Gateway, which the cluster has, in the place of the part `gateway`. */
  readonly gatewayApi: boolean;
  /** With certificates at both ends of every call. */
  readonly tls: boolean;
}

/** Deploys the product with the overlay `local`, fills it with sample data, and plays the demo against its gateway. */
export async function deploy(deployment: Deployment): Promise<number> {
  const { log, end } = createProgressLog();
  const stack = requireRunningStack(deployment.stores);
  await rollOut(deployment, stack, log);
  if (deployment.demo) {
    const target = { ...stack, dir: deployment.stores };
    await loadSampleData(target, log, () => stack.gatewayUrl ?? "");
    end();
    return playDemo(stack);
  }
  end();
  return 0;
}

/** Brings the cluster to this deployment: schemas and queues first, then what serves. */
async function rollOut(deployment: Deployment, stack: RunningStack, log: Log): Promise<void> {
  const { kubeconfig, gatewayApi, tls } = deployment;
  const kubectl = kubectlOf(kubeconfig, namespace);
  const folders = await writeFolders(deployment, stack.env);
  await kubectl(["apply", "--filename=-"], { input: JSON.stringify(namespaceOf(namespace)) });
  if (tls) {
    await certify(kubectl, deployment.stores);
    log("every service has a certificate");
  }
  log("migrating schemas and making topics and queues");
  await runJobs(kubectl, folders.beforeRollout, log);
  await removeOtherGateway(kubectl, gatewayApi);
  log("rolling out");
  // The gateway is last: an Envoy that starts before the services have addresses refuses calls until it asks again.
  await applyFolder(kubectl, folders.serving, "--selector=app.kubernetes.io/name!=gateway");
  await waitForRollouts(kubectl);
  await applyFolder(kubectl, folders.serving);
  log(`${await waitForRollouts(kubectl)} deployments are ready`);
  if (gatewayApi) {
    await waitUntilProgrammed(kubectl);
    log("Envoy Gateway has applied every patch");
  }
  await waitForGateway(stack.gatewayUrl ?? "");
}

/** Writes what a deployment applies, with the variables of its stores. */
export async function writeFolders(
  {
    image,
    envoyImage,
    address,
    gatewayApi,
    tls,
  }: Pick<Deployment, "image" | "envoyImage" | "address" | "gatewayApi" | "tls">,
  env: RunningStack["env"],
) {
  return writeInstallation(
    join(root, ".cache/k8s"),
    {
      overlay: join(root, "k8s/overlays", gatewayApi ? "gateway-api" : "local"),
      gatewayApi,
      tls,
      namespace,
      images: { questioncloud: image, envoy: envoyImage },
      address,
      env,
    },
    await createBase(),
  );
}

/** An earlier deployment may have had the other gateway, at the same port of the nodes. */
async function removeOtherGateway(kubectl: Kubectl, gatewayApi: boolean): Promise<void> {
  if (gatewayApi) {
    const kinds = "deployment,service,horizontalpodautoscaler,poddisruptionbudget";
    await kubectl(["delete", kinds, "--selector=app.kubernetes.io/name=gateway"]);
  } else if ((await kubectl(["api-resources", "--output=name"])).includes("gateways.gateway.networking")) {
    await kubectl(["delete", "gateway", "--all"]);
  }
}

/** Waits until the gateway has found every service that has a method for everyone. */
async function waitForGateway(url: string): Promise<void> {
  const open = createRouteTable().rpc.filter(({ access }) => access === "public");
  for (const { path } of new Map(open.map(route => [route.service, route])).values()) {
    await waitFor(`the gateway at ${url} to find ${path}`, () => isServed(`${url}${path}`), gatewayLimits);
  }
}

/** Any answer of a service counts, refusals included. */
async function isServed(url: string): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: "{}" }).catch(() => undefined);
  return answer !== undefined && answer.status !== 503;
}

/** The stack that `npm run k8s -- stores` runs; throws where there is none. */
export function requireRunningStack(folder: string): RunningStack {
  const file = stackFileOf(folder);
  const stack = existsSync(file) ? readStackFile(file) : undefined;
  if (stack === undefined) {
    throw new Error("there are no databases for the pods; start them with: npm run k8s -- stores");
  }
  return stack;
}

async function playDemo({ gatewayUrl = "", mailUrl, pspUrl, identityUrl }: RunningStack): Promise<number> {
  const urls = { gateway: gatewayUrl, mail: mailUrl, psp: pspUrl, identity: identityUrl };
  const options = Object.entries(urls).flatMap(([name, url]) => [`--${name}`, url]);
  const child = spawn(process.execPath, [join(root, "dev/demo.ts"), ...options], { stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
