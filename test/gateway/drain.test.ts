import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import type { Address } from "#gateway/envoy/options.ts";
import { drainNoticeMs } from "#gateway/limits.ts";
import { type CallingClient, createHttp1Client, createHttp2Client } from "../support/rpc/calling-clients.ts";
import { callHttp1 } from "../support/rpc/raw-calls.ts";
import { type GatewayPod, startGatewayPod } from "../support/stack/gateway-pod.ts";
import { startLoad } from "../support/stack/steady-load.ts";
import { until } from "../support/stack/until.ts";

/** Load balancers lead new connections to the pod that ends until a client was told so often to go. */
const unawares = 3;

const otherPaths = [
  "/",
  "/drain/",
  "/drain?",
  "/drain?graceful",
  "//drain",
  "/x/../drain",
  "/%64rain",
  "/DRAIN",
];
const adminPaths = ["/stats", "/config_dump", "/ready", "/quitquitquit", "/drain_listeners?graceful"];

describe("a pod of the gateway that ends", () => {
  let run: RunDirectory;
  let upstream: Server;
  let site: Address;
  const held: ServerResponse[] = [];
  const pods: GatewayPod[] = [];
  const clients: CallingClient[] = [];

  before(async () => {
    run = await claimTemporaryDirectory(join(root, ".data"), "gateway-drain");
    upstream = createServer((request, response) => {
      request.url === "/held" ? held.push(response) : response.end("answer");
    });
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    site = { host: "127.0.0.1", port: (upstream.address() as AddressInfo).port };
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      client.close();
    }
    await Promise.all(pods.splice(0).map(pod => pod.terminate()));
  });
  after(async () => {
    upstream?.closeAllConnections();
    upstream?.close();
    await run?.release();
  });

  async function start(timeoutMs: number): Promise<GatewayPod> {
    const pod = await startGatewayPod(run.dir, site, timeoutMs);
    pods.push(pod);
    return pod;
  }

  function opened<C extends CallingClient>(client: C): C {
    clients.push(client);
    return client;
  }

  it("finishes calls in flight, sends clients elsewhere, and loses no call", async () => {
    const hour = 3_600_000;
    const [ending, other] = await Promise.all([start(hour), start(hour)]);
    const leadTo = (told: number) => (told < unawares ? ending.port : other.port);
    const callers = [opened(createHttp1Client(leadTo)), opened(createHttp2Client(leadTo))];
    const ends = callers.map(({ call }) =>
      startLoad(50, async () => {
        const status = await call("/").catch((error: Error) => error.message);
        return status === 200 ? undefined : `${status}`;
      }),
    );
    const slow = opened(createHttp1Client(() => ending.port));
    const slowCalls = [slow, callers[1]].map(client => client?.call("/held"));
    await until(() => held.length === 2, "two calls are in flight");

    const startedMs = Date.now();
    let drained = false;
    const preStop = ending.preStop().finally(() => {
      drained = true;
    });
    await until(() => callers.every(({ told }) => told() >= unawares), "both clients are told to go");
    await delay(startedMs + 1.2 * drainNoticeMs - Date.now());
    expect(drained, "ended while calls were in flight").to.equal(false);
    for (const response of held.splice(0)) {
      response.end("late");
    }
    expect(await Promise.all(slowCalls)).to.deep.equal([200, 200]);
    expect(slow.told()).to.equal(1);
    expect(await preStop).to.equal(200);
    await ending.terminate();

    expect(await Promise.all(callers.map(({ call }) => call("/")))).to.deep.equal([200, 200]);
    const results = await Promise.all(ends.map(end => end()));
    expect(results.map(({ failures }) => failures)).to.deep.equal([[], []]);
    expect(callers.map(({ told }) => told())).to.deep.equal([unawares, unawares]);
  });

  it("waits no longer than the longest call may take", async () => {
    const pod = await start(1_000);
    let upload: Socket | undefined;
    let ended = false;
    const openUpload = () => {
      if (!ended) {
        upload = connect(pod.port, "127.0.0.1", () => {
          upload?.write("POST /held HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n1");
        });
        upload.on("error", () => {}).once("close", openUpload);
      }
    };
    openUpload();
    expect(await pod.preStop()).to.equal(200);
    ended = true;
    upload?.destroy();
  });

  it("drains at no other request, and shows nothing of the admin interface", async () => {
    const pod = await start(1_000);
    const url = `http://127.0.0.1:${pod.drainPort}`;
    const calls = [
      ...["POST", "HEAD", "PUT", "OPTIONS"].map(verb => ({ verb, path: "/drain" })),
      ...otherPaths.map(path => ({ verb: "GET", path })),
      ...adminPaths.flatMap(path => ["GET", "POST"].map(verb => ({ verb, path }))),
    ];
    for (const call of calls) {
      const { status, body } = await callHttp1(url, call);
      expect({ status, body: `${body}` }, `${call.verb} ${call.path}`).to.deep.equal({
        status: 404,
        body: "",
      });
    }
    const client = opened(createHttp1Client(() => pod.port));
    expect(await client.call("/")).to.equal(200);
    expect(client.told()).to.equal(0);
  });
});
