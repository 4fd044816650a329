import { join } from "node:path";
import { SNSClient } from "@aws-sdk/client-sns";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";
import { claimTemporaryDirectory, type RunDirectory } from "#dev/stack/servers/directory.ts";
import { startMongo } from "#dev/stack/servers/mongo.ts";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";
import { startRedis } from "#dev/stack/servers/redis.ts";
import type { BackingServer, ServerOptions } from "#dev/stack/servers/server.ts";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { createDatabase } from "#kit/data/database.ts";
import { createRedis } from "#kit/data/redis.ts";
import { awsClientOptions } from "#kit/events/aws.ts";
import { createLog } from "#kit/process/log.ts";
import { createHistory } from "#services/pay/db/history.ts";
import { appendEvents, outboxRowsOf } from "../support/events/effects.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { startTcpGate, type TcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

const log = createLog("silent", "silent");
const socketTimeoutMs = 1500;
const connections = 4;

describe("connections that fall silent while new ones work", () => {
  let runtime: EventRuntime;
  let run: RunDirectory;
  let block: PortBlock;
  const stops: (() => unknown)[] = [];

  before(async () => {
    runtime = await sharedRuntime();
    run = await claimTemporaryDirectory(join(root, ".data"), "silent-test");
    block = await reservePorts({ base: 29_200, count: 2 });
  });
  after(async () => {
    for (const stop of stops.reverse()) {
      await stop();
    }
    await block?.release();
    await run?.release();
  });

  async function gateTo(url: string): Promise<{ gate: TcpGate; url: string }> {
    const target = new URL(url);
    const gate = await startTcpGate(Number(target.port));
    stops.push(() => gate.close());
    target.port = String(gate.port);
    return { gate, url: target.toString() };
  }

  async function start(server: (options: ServerOptions) => Promise<BackingServer>, index: number) {
    const { REDIS_URL: _redis, MONGODB_URI: _mongo, ...env } = process.env;
    const started = await server({ dir: run.dir, port: block.ports[index] ?? 0, log: () => {}, env });
    stops.push(() => started.stop());
    return gateTo(started.url);
  }

  it("to MariaDB are dropped: statements and transactions end, and the pool recovers", async () => {
    const { gate, url } = await gateTo(runtime.env.PAY_DATABASE_URL ?? "");
    const database = createDatabase({ url, poolSize: connections, socketTimeoutMs });
    stops.push(() => database.close());
    const muted = Promise.withResolvers<void>();
    const opened = Array.from({ length: connections }, () => Promise.withResolvers<void>());
    const transactions = opened.map(({ resolve }) =>
      database
        .transaction(async tx => {
          await tx.query("SELECT 1");
          resolve();
          await muted.promise;
          await tx.query("SELECT 1");
        })
        .catch((error: Error) => error.message),
    );
    await Promise.all(opened.map(({ promise }) => promise));
    gate.mute();
    muted.resolve();
    // They wait for connections that never answer, and get new ones.
    const waiting = Array.from({ length: connections }, () => database.query("SELECT 2 AS two"));
    const startMs = performance.now();
    expect(await Promise.all(transactions)).to.deep.equal(Array(connections).fill("SERVICE_UNAVAILABLE"));
    expect(await Promise.all(waiting)).to.deep.equal(Array(connections).fill([{ two: 2 }]));
    expect(performance.now() - startMs).to.be.below(20 * socketTimeoutMs);
  });

  it("to MariaDB are dropped while they are idle", async () => {
    const { gate, url } = await gateTo(runtime.env.PAY_DATABASE_URL ?? "");
    const database = createDatabase({ url, poolSize: connections, socketTimeoutMs });
    stops.push(() => database.close());
    await Promise.all(Array.from({ length: connections }, () => database.query("SELECT 1")));
    gate.mute();
    await until(() => database.query("SELECT 1").catch(() => false), "the pool has a new connection", {
      stuckMs: 10 * socketTimeoutMs,
    });
  });

  it("to Redis are dropped, and a new one is opened", async () => {
    const { gate, url } = await start(startRedis, 0);
    const redis = createRedis(url, log);
    stops.push(() => redis.disconnect());
    await until(() => redis.set("key", "value").catch(() => false), "redis is connected");
    gate.mute();
    expect(await redis.get("key").catch((error: Error) => error.message)).to.equal("Command timed out");
    await until(async () => (await redis.get("key").catch(() => "")) === "value", "redis answers again");
  });

  it("to MongoDB are dropped, and the history is written and read again", async () => {
    const { gate, url } = await start(startMongo, 1);
    const history = await createHistory(url, log);
    stops.push(() => history.close());
    const event = create(QuestionsPurchasedSchema, { purchaseId: crypto.randomUUID(), userId: 7n });
    const list = () => history.list(7n, { after: undefined, limit: 1 });
    await until(
      () =>
        history.put([event]).then(
          () => true,
          () => false,
        ),
      "mongodb is connected",
    );
    gate.mute();
    expect(await list()).to.equal(undefined);
    await until(async () => (await list())?.length === 1, "mongodb answers again");
  });

  it("to SNS are given up: the relay keeps its events, and publishes them over a new one", async () => {
    const { gate, url } = await gateTo(runtime.env.AWS_ENDPOINT_URL ?? "");
    const database = await runtime.openSchema();
    const sns = new SNSClient(
      awsClientOptions(
        { region: "local", endpoint: url },
        { requestTimeoutMs: socketTimeoutMs, maxAttempts: 1 },
      ),
    );
    stops.push(() => sns.destroy());
    const relay = runtime.createRelay({ database, sns, retryMs: 1 });
    await appendEvents(database, 1);
    await relay();
    gate.mute();
    const eventIds = await appendEvents(database, 3);
    const states = async () =>
      (await outboxRowsOf(database, eventIds)).map(({ state, attempts }) => [state, attempts]);
    await relay();
    expect(await states()).to.deep.equal(eventIds.map(() => ["PENDING", 0]));
    await until(async () => {
      await relay();
      return (await states()).every(([state]) => state === "PUBLISHED");
    }, "the events are published");
  });
});
