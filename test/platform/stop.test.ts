import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { type PortBlock, reservePorts } from "#dev/stack/servers/ports.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import type { RunningService } from "#kit/service/start-service.ts";
import type { App } from "#services/creator/app.ts";
import * as creator from "#services/creator/service.ts";
import { componentEnvironment } from "../support/component/component.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";
import { startTcpGate, type TcpGate } from "../support/stack/tcp-gate.ts";
import { until } from "../support/stack/until.ts";

const limitMs = 1000;
// A client of SNS waits ten seconds, and the job for ever.
const mostMs = 9000;

describe("a service that stops", () => {
  let runtime: EventRuntime;
  let env: Environment;
  let database: Database;
  let gate: TcpGate;
  let block: PortBlock;
  let service: RunningService | undefined;

  before(async () => {
    runtime = await sharedRuntime();
    block = await reservePorts({ base: 29_300, count: 3 });
    const aws = new URL(runtime.env.AWS_ENDPOINT_URL ?? "");
    gate = await startTcpGate(Number(aws.port));
    aws.port = String(gate.port);
    const component = await componentEnvironment("creator");
    database = createDatabase({ url: component.CREATOR_DATABASE_URL ?? "", poolSize: 2 });
    env = {
      ...component,
      ...Object.fromEntries(Object.entries(runtime.env).filter(([name]) => name.startsWith("AWS_"))),
      AWS_ENDPOINT_URL: aws.toString(),
      CREATOR_GRPC_PORT: String(block.ports[0]),
      CREATOR_HTTP_PORT: String(block.ports[1]),
      CREATOR_PROBE_PORT: String(block.ports[2]),
      // The relay runs when the service starts, and not again before it stops.
      OUTBOX_POLL_MS: "60000",
      QUEUE_WAIT_SECONDS: "1",
      DRAIN_DELAY_MS: "0",
      DRAIN_LIMIT_MS: String(limitMs),
    };
  });
  afterEach(() => service?.stop().catch(() => {}));
  after(async () => {
    await database?.close();
    await gate?.close();
    await block?.release();
  });

  async function start(overrides: Partial<App> = {}): Promise<void> {
    service = await creator.start(readConfig(env, creator.config), overrides);
    await until(async () => {
      const metrics = await fetch(`http://127.0.0.1:${block.ports[2]}/metrics`);
      return /job_runs_total\{[^}]*job="relay"[^}]*\} 1/.test(await metrics.text());
    }, "the relay has run");
  }

  async function stop(): Promise<number> {
    const startMs = performance.now();
    await service?.stop();
    service = undefined;
    return performance.now() - startMs;
  }

  async function append(): Promise<string> {
    const eventId = randomUUID();
    await database.execute(
      "INSERT INTO outbox (event_id, topic, type, body) VALUES (?, 'creator-creator-changed', 'x', '{}')",
      [eventId],
    );
    return eventId;
  }

  async function stateOf(eventId: string): Promise<string | undefined> {
    const [row] = await database.query<{ state: string }>("SELECT state FROM outbox WHERE event_id = ?", [
      eventId,
    ]);
    return row?.state;
  }

  it("publishes what was committed last", async () => {
    await start();
    const eventId = await append();
    expect(await stateOf(eventId)).to.equal("PENDING");
    await stop();
    expect(await stateOf(eventId)).to.equal("PUBLISHED");
  });

  it("waits no longer than its limit for a silent SNS, and leaves the event to other replicas", async () => {
    await start();
    const eventId = await append();
    gate.mute(true);
    expect(await stop()).to.be.below(mostMs);
    gate.open();
    expect(await stateOf(eventId)).to.equal("PENDING");
  });

  it("waits no longer than its limit for a job that never ends", async () => {
    const hanging = Promise.withResolvers<never>();
    const isMeasure = (sql: string) => sql.includes("due_microseconds");
    await start({
      database: {
        ...database,
        query: (sql, values) => (isMeasure(sql) ? hanging.promise : database.query(sql, values)),
      },
    });
    expect(await stop()).to.be.below(mostMs);
  });
});
