import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { pino } from "pino";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import { findEnvoy, startEnvoy } from "#dev/stack/servers/envoy.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import { renderTlsSecrets } from "#gateway/envoy/tls-secrets.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { createCertificates } from "#kit/rpc/certificates.ts";
import { type Authority, makeAuthority } from "../support/rpc/authority.ts";
import { createCaller } from "../support/rpc/callers.ts";
import { type Listeners, startListeners } from "../support/rpc/listeners.ts";
import { options } from "../support/rpc/rendered-gateway.ts";
import { until } from "../support/stack/until.ts";

describe("the gateway, where services ask for certificates", () => {
  let run: RunDirectory;
  let block: PortBlock;
  let authority: Authority;
  let listeners: Listeners;
  const stops: (() => unknown)[] = [];
  let stopGateway = async () => {};

  before(async () => {
    run = await claimTemporaryDirectory(join(root, ".data"), "gateway-tls");
    block = await reservePorts({ base: 29_400, count: 1 });
    authority = await makeAuthority(run.dir, "authority");
    const { stop, server } = createCertificates({
      ...(await authority.issue("callee")),
      caFile: authority.caFile,
      reloadMs: 50,
      log: pino({ level: "silent" }),
      metrics: createMetrics("tls"),
    });
    listeners = await startListeners({ host: "[::]", credentials: server, maxConnectionAgeMs: 300 });
    stops.push(stop, listeners.stop, run.release, block.release);
  });
  afterEach(() => stopGateway());
  after(async () => {
    for (const stop of stops) {
      await stop();
    }
  });

  async function startGateway(more: Partial<EnvoyOptions>) {
    const bin = await findEnvoy({ cacheDir: join(root, ".cache"), log: () => {} });
    if (bin === undefined) {
      throw new Error("there is no Envoy on this machine");
    }
    const listenPort = block.ports[0] ?? 0;
    const configFile = join(run.dir, "envoy.yaml");
    const addresses = { ...listeners.addresses, grpc: [{ host: "localhost", port: grpcPort() }] };
    const services = Object.fromEntries(Object.keys(options.services).map(name => [name, addresses]));
    const { otel, ...others } = options;
    writeFileSync(configFile, renderEnvoy({ ...others, ...more, listenPort, services }));
    const envoy = await startEnvoy({ bin, configFile, dir: run.dir, log: () => {} });
    stopGateway = () => envoy.stop();
    return { url: `http://127.0.0.1:${listenPort}`, adminUrl: envoy.adminUrl };
  }

  const grpcPort = () => Number(new URL(listeners.grpcUrl).port);

  async function codeOf(url: string): Promise<string> {
    const caller = createCaller("grpc-js", url);
    const { refusal } = await caller.call(StoreService.method.listQuestions);
    caller.close();
    return refusal === undefined ? "OK" : JSON.stringify(refusal);
  }

  it("shows one of its own, which is replaced while it is used", async () => {
    await authority.issue("gateway");
    const file = { folder: run.dir, certFile: "gateway.crt", keyFile: "gateway.key" };
    const secrets = renderTlsSecrets({ ...file, caFile: "authority/ca.crt" });
    for (const [name, text] of Object.entries(secrets)) {
      writeFileSync(join(run.dir, name), text);
    }
    const { url, adminUrl } = await startGateway({ tlsSecretsFolder: run.dir });
    await until(async () => (await codeOf(url)) === "OK", "a call is answered");
    const { certFile } = await authority.issue("gateway");
    const serial = new X509Certificate(readFileSync(certFile)).serialNumber.toLowerCase();
    const shown = async () => (await fetch(`${adminUrl()}/certs`)).text();
    await until(async () => (await shown()).includes(serial), "Envoy has the new certificate");
    expect(await codeOf(url)).to.equal("OK");
  });

  it("is refused without one", async () => {
    const { url } = await startGateway({ serviceCaFile: authority.caFile });
    expect(await codeOf(url)).to.include("SERVICE_UNAVAILABLE");
  });
});
