import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { bundle } from "#k8s/image/bundle.ts";
import { bytesIn } from "#k8s/image/sizes.ts";
import { createBase } from "#k8s/objects/render.ts";
import type { Environment } from "#kit/process/config.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/stack/otlp.ts";
import { until } from "../support/stack/until.ts";

const run = promisify(execFile);
const app = join(root, ".cache/image-test/app");

describe("the bundle that the image is made of", () => {
  let env: Environment;
  let block: PortBlock;
  let collector: OtlpReceiver;

  before(async () => {
    await bundle(app);
    collector = await startOtlpReceiver();
    block = await reservePorts({ base: 29_300, count: 3 });
    const [grpc, http, probe] = block.ports;
    const { env: events } = await sharedRuntime();
    env = {
      PATH: process.env.PATH,
      ...(await componentEnvironment("creator")),
      ...Object.fromEntries(Object.entries(events).filter(([name]) => name.startsWith("AWS_"))),
      CREATOR_GRPC_PORT: String(grpc),
      CREATOR_HTTP_PORT: String(http),
      CREATOR_PROBE_PORT: String(probe),
      DRAIN_DELAY_MS: "0",
    };
  });
  after(async () => {
    await block?.release();
    await collector?.stop();
  });

  const start = (more: Environment = {}) =>
    spawn(process.execPath, [join(app, "services/main.js"), "creator"], {
      cwd: "/",
      env: { ...env, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });

  const ready = (service: ChildProcess) =>
    until(async () => {
      expect(service.exitCode, "ended").to.equal(null);
      const answer = await fetch(`http://127.0.0.1:${block.ports[2]}/readyz`).catch(() => undefined);
      return answer?.ok ?? false;
    }, "the bundled service is ready");

  const stop = async (service: ChildProcess) => {
    service.kill("SIGTERM");
    const [code] = await once(service, "exit");
    return code;
  };

  it("adds at most 40 MB to a base with Node.js, and has nothing that only development needs", () => {
    expect(bytesIn(app)).to.be.below(40e6);
    const packages = readdirSync(join(app, "node_modules"));
    expect(packages).to.include("mariadb").and.not.include.members(["mocha", "typescript", "esbuild"]);
    expect(existsSync(join(app, "dev"))).to.equal(false);
  });

  it("has what every pod of the image starts", async () => {
    const { serving, jobs, observing } = await createBase();
    const objects = JSON.stringify([...serving, ...jobs, ...observing].flatMap(part => part.objects));
    const started = [...objects.matchAll(/"image":"questioncloud","args":\["([^"]+)"/g)].map(
      ([, file = ""]) => file,
    );
    expect(started).to.include.members(["services/main.js", "ops/migrate.js", "ops/verify-invariants.js"]);
    expect(started.filter(file => !existsSync(join(app, file)))).to.deep.equal([]);
  });

  it("serves, and exports the spans of its gRPC calls", async () => {
    const service = start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl, OTEL_BSP_SCHEDULE_DELAY: "50" });
    try {
      await ready(service);
      const baseUrl = `http://127.0.0.1:${block.ports[0]}`;
      const client = createClient(CreatorService, createGrpcTransport({ baseUrl }));
      const error = await client.getCreator({ creatorId: 1n }).catch((failure: unknown) => failure);
      expect(error).to.have.property("code", Code.NotFound);
      const isServed = ({ kind, service: name, attributes }: OtlpReceiver["spans"][number]) =>
        kind === "server" && name === "creator" && attributes["rpc.system.name"] === "grpc";
      await until(async () => collector.spans.some(isServed), "the span of the call is exported");
    } finally {
      expect(await stop(service)).to.equal(0);
    }
  });

  it("runs the commands of jobs", async () => {
    const owner = { CREATOR_MIGRATION_DATABASE_URL: env.CREATOR_DATABASE_URL };
    const call = (script: string, ...args: string[]) =>
      run(process.execPath, [join(app, "ops", script), ...args], { cwd: "/", env: { ...env, ...owner } });
    const status = await call("migrate.js", "creator", "--status");
    expect(status.stdout)
      .to.match(/^creator: applied /m)
      .and.not.match(/pending/);
    const topology = await call("topology.js", "print");
    expect(topology.stdout).to.include("question-on-creator-changed");
  });
});
