import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { root } from "#dev/stack/root.ts";
import { findEnvoy } from "#dev/stack/servers/envoy.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { startProcess } from "#dev/stack/servers/process.ts";
import type { Address } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import { gatewayPart } from "#k8s/objects/gateway.ts";
import { options, table } from "../rpc/rendered-gateway.ts";

/** Envoy with the arguments of the gateway's container, and the drain listener of its pod. */
export interface GatewayPod {
  readonly port: number;
  readonly drainPort: number;
  /** Asks what the kubelet asks before it ends the container; resolves with the status of the answer. */
  preStop(): Promise<number>;
  /** Ends Envoy as the kubelet does; resolves when it has exited. */
  terminate(): Promise<void>;
}

/** Starts one in front of a site; every call may take `timeoutMs`. */
export async function startGatewayPod(dir: string, site: Address, timeoutMs: number): Promise<GatewayPod> {
  const command = await findEnvoy({ cacheDir: join(root, ".cache"), log: () => {} });
  if (command === undefined) {
    throw new Error("there is no Envoy on this machine");
  }
  const block = await reservePorts({ base: 29_500, count: 3 });
  const [listenPort = 0, adminPort = 0, drainPort = 0] = block.ports;
  const own = join(dir, `${listenPort}`);
  mkdirSync(own, { recursive: true });
  const configFile = join(own, "envoy.yaml");
  const { otel, ...others } = options;
  const each = <R extends object>(route: R) => ({ ...route, timeoutMs });
  writeFileSync(
    configFile,
    renderEnvoy(
      { ...others, listenPort, adminPort, drainPort, site, accessLog: join(own, "access.log") },
      { rpc: table.rpc.map(each), http: table.http.map(each), site: each(table.site) },
    ),
  );
  const { args, preStop } = containerOf();
  const envoy = await startProcess({
    name: "envoy",
    command,
    args: [...args.map(arg => (arg.endsWith("envoy.json") ? configFile : arg)), "--use-dynamic-base-id"],
    dir: own,
    ready: async () => (await fetch(`http://127.0.0.1:${adminPort}/ready`)).ok,
    log: () => {},
  });
  return {
    port: listenPort,
    drainPort,
    preStop: async () => (await fetch(`http://127.0.0.1:${drainPort}${preStop.path}`)).status,
    async terminate() {
      await envoy.stop();
      await block.release();
    },
  };
}

/** What the manifest says of the container. */
function containerOf() {
  const deployment = gatewayPart().objects.find(({ kind }) => kind === "Deployment") as IDeployment;
  const [container] = deployment.spec?.template.spec?.containers ?? [];
  const preStop = container?.lifecycle?.preStop?.httpGet;
  const [program, ...args] = container?.args ?? [];
  if (program !== "envoy" || preStop === undefined) {
    throw new Error("the gateway's container does not run Envoy, or does not drain it");
  }
  return { args, preStop };
}
