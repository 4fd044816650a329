import { join } from "node:path";
import { text } from "node:stream/consumers";
import { clientCore, type ServedCalls, spawnOn, startServer } from "./calls/processes.ts";
import { compare, median } from "./compare.ts";
import { openRedis } from "./open-redis.ts";

// A client and a server, each on a core of its own, 64 calls in flight: `npm run bench -- pair [<seconds>] [<rounds>]`.
const [seconds = "3", rounds = "5"] = process.argv.slice(3);

interface Result {
  readonly calls: number;
  readonly p50: number;
  readonly p99: number;
}

async function callFor(server: ServedCalls, client: string): Promise<Result> {
  const script = join(import.meta.dirname, "calls/call.ts");
  const telemetry = ["--import", join(import.meta.dirname, "../kit/process/telemetry.ts")];
  const args = [
    ...(client === "ours" ? telemetry : []),
    script,
    client,
    new URL(server.grpcUrl).host,
    seconds,
  ];
  const { stdout } = spawnOn(clientCore, process.execPath, args);
  return JSON.parse(stdout === null ? "" : await text(stdout)) as Result;
}

const redis = await openRedis();
const servers: ServedCalls[] = [];
try {
  const results = new Map<string, Result[]>();
  const contenders = [];
  for (const [name, client, args, telemetry] of [
    ["stock connect-node pair", "connect", ["connect"], undefined],
    ["bare grpc-js pair", "grpc-js", ["grpc-js"], undefined],
    ["client and server of ours", "ours", ["whole", "1", redis.url], {}],
  ] as const) {
    const server = await startServer(args, telemetry);
    servers.push(server);
    // The time in which the client starts does not count.
    const run = async () => {
      const result = await callFor(server, client);
      results.set(name, [...(results.get(name) ?? []), result]);
      return { done: result.calls, ms: Number(seconds) * 1000 };
    };
    contenders.push({ name, run });
  }
  await compare("calls", contenders, Number(rounds));
  for (const [name, measured] of results) {
    const ms = (key: "p50" | "p99") => median(measured.map(result => result[key])).toFixed(1);
    process.stdout.write(`${name}: p50 ${ms("p50")} ms, p99 ${ms("p99")} ms\n`);
  }
} finally {
  await Promise.all(servers.map(server => server.stop()));
  await redis.close();
}
