import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { applyTopology } from "#ops/topology.ts";
import { publishers, replayEvents } from "../support/faults/replay-events.ts";
import { type Choose, startAgain } from "./fault.ts";

/** After this, events are sent again once everything is healed. */
export const brokerLoss = "the broker is killed and loses everything";

export const readOnly: Choose = ({ stack }, random) => {
  const readOnlyMs = 500 + random.below(3000);
  return {
    target: "mariadb",
    what: `mariadb is read-only for ${readOnlyMs} ms`,
    async run() {
      const sql = await connectAdmin(stack.mariadb.url);
      await sql.query("SET GLOBAL read_only = 1");
      await delay(readOnlyMs);
      await sql.query("SET GLOBAL read_only = 0");
      await sql.end();
    },
  };
};

export const killStore: Choose = ({ stack }, random) => {
  const name = random.pick(["mariadb", "redis", "mongo"] as const);
  const { process } = stack[name];
  const downMs = random.below(1500);
  return (
    process && {
      target: name,
      what: `${name} is killed`,
      async run() {
        await process.kill("SIGKILL");
        await delay(downMs);
        await startAgain(process);
      },
    }
  );
};

export const flushRedis: Choose = ({ stack }) => ({
  target: "redis",
  what: "redis loses its data",
  async run() {
    const client = new Redis(stack.redis.url);
    client.on("error", () => {});
    await client.flushall().finally(() => client.disconnect());
  },
});

/** Topics, queues and messages are lost; topics and queues are made again at once. */
export const killBroker: Choose = ({ stack }, random) => {
  const { process } = stack.aws;
  const downMs = random.below(2000);
  return (
    process && {
      target: "aws",
      what: brokerLoss,
      async run() {
        await process.kill("SIGKILL");
        await delay(downMs);
        await startAgain(process);
        await applyTopology(stack.env);
      },
    }
  );
};

export const pauseBroker: Choose = ({ stack }, random) => {
  const { process } = stack.aws;
  const pausedMs = 500 + random.below(3000);
  return (
    process && {
      target: "aws",
      what: `the broker is paused for ${pausedMs} ms`,
      async run() {
        await process.kill("SIGSTOP");
        await delay(pausedMs);
        await process.kill("SIGCONT");
      },
    }
  );
};

/** Everything that a service published lately arrives again, and late. */
export const repeatEvents: Choose = ({ stack }, random) => {
  const service = random.pick(publishers);
  const seconds = 5 + random.below(30);
  return {
    target: "aws",
    what: `the events of ${service} of the last ${seconds} s are published again`,
    run: () => replayEvents(stack, service, seconds * 1000),
  };
};
