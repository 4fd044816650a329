import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createLoad } from "./calls/load.ts";
import { type ServedCalls, startServer } from "./calls/processes.ts";
import { compare } from "./compare.ts";
import { openRedis } from "./open-redis.ts";

// One method, called 64 times at once: `npm run bench -- unary [<seconds of each run>] [<rounds>] [<group>]`.
const [seconds = "3", rounds = "5", wanted = ""] = process.argv.slice(3);

const redis = await openRedis();
// Takes the traces that are exported.
const collector = createServer((_request, response) => response.end());
await new Promise<void>(resolve => collector.listen(0, "127.0.0.1", resolve));
const traced = {
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  OTEL_TRACES_SAMPLER_ARG: "0.1",
};
const load = await createLoad();

type Telemetry = Readonly<Record<string, string>> | undefined;
type Way = readonly [name: string, args: readonly string[], telemetry?: Telemetry];

/** Compares servers that run in turns, each a process of its own, and prints the CPU time of a call in each. */
async function compareWays(
  title: string,
  protocol: "grpc" | "json" | "get",
  ways: readonly Way[],
): Promise<void> {
  if (!title.includes(wanted)) {
    return;
  }
  process.stdout.write(`\n${title}\n`);
  const servers: ServedCalls[] = [];
  const used = new Map<string, { calls: number; cpuMs: number }>();
  try {
    const contenders = [];
    for (const [name, args, telemetry] of ways) {
      const server = await startServer(args, telemetry);
      servers.push(server);
      const run = async () => {
        const before = server.cpuMs();
        const calls = await load(server, protocol, Number(seconds));
        used.set(name, { calls, cpuMs: server.cpuMs() - before });
        return calls;
      };
      contenders.push({ name, run });
    }
    await compare("calls", contenders, Number(rounds));
    const cpu = [...used].map(
      ([name, { calls, cpuMs }]) => `${name} ${Math.round((cpuMs * 1000) / calls)} µs`,
    );
    process.stdout.write(`CPU of a call: ${cpu.join(", ")}\n`);
  } finally {
    await Promise.all(servers.map(server => server.stop()));
  }
}

const connect: Way = ["stock connect-node", ["connect"]];
const whole: Way = ["whole pipeline, as shipped", ["whole", "1", redis.url], {}];
try {
  await compareWays("gRPC, 1 item", "grpc", [
    connect,
    ["bare grpc-js", ["grpc-js"]],
    ["raw http2", ["http2"]],
    whole,
  ]);
  await compareWays("gRPC, 50 items", "grpc", [
    ["stock connect-node", ["connect", "50"]],
    ["bare grpc-js", ["grpc-js", "50"]],
    ["whole pipeline, as shipped", ["whole", "50", redis.url], {}],
  ]);
  await compareWays("what the pipeline costs", "grpc", [
    ["transport only", ["transport"]],
    ["transport only, with a token", ["transport-token"]],
    ["without limiter", ["whole", "1"], {}],
    whole,
    ["traces exported at 10 %", ["whole", "1", redis.url], traced],
  ]);
  await compareWays("Connect JSON by POST", "json", [connect, whole]);
  await compareWays("Connect JSON by GET", "get", [connect, whole]);
} finally {
  collector.close();
  await redis.close();
}
