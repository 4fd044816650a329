import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { replay } from "#ops/events/replay.ts";
import { withWorkspace } from "#ops/events/workspace.ts";
import { type Choose, startAgain } from "./fault.ts";

const publishers = ["pay", "point", "question"];

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

export const restartBroker: Choose = ({ stack }, random) => {
  const { process } = stack.aws;
  const downMs = random.below(2000);
  return (
    process && {
      target: "aws",
      what: "the broker is restarted",
      async run() {
        await process.stop();
        await delay(downMs);
        await startAgain(process);
      },
    }
  );
};

/** Everything that a service published lately arrives again, and late. */
export const repeatEvents: Choose = ({ stack }, random) => {
  const service = random.pick(publishers);
  const seconds = 5 + random.below(30);
  return {
    target: "events",
    what: `the events of ${service} of the last ${seconds} s are published again`,
    async run() {
      const now = Date.now();
      const range = { from: new Date(now - seconds * 1000), to: new Date(now), type: undefined };
      const { signal } = new AbortController();
      await withWorkspace(stack.env, [service], { progress: () => {}, signal }, workspace =>
        replay(workspace, { service, ...range, apply: true }),
      );
    },
  };
};
