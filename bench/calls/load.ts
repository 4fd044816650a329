import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import { findBinary } from "#dev/stack/servers/binary.ts";
import { requireBinary } from "#dev/stack/servers/require-binary.ts";
import { method, path, request } from "./method.ts";
import { clientCore, type ServedCalls, spawnOn } from "./processes.ts";

/** Makes calls by h2load, 64 in flight, for some seconds; returns how many were answered. */
type Load = (server: ServedCalls, protocol: keyof typeof shapes, seconds: number) => Promise<number>;

const message = toBinary(method.input, request);
const json = toJsonString(method.input, request);
const query = `encoding=json&message=${encodeURIComponent(json)}`;

/** What the gateway, and every service that calls another, sends. */
const passedOn = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
  "x-request-id": "0192f0c1-7c1e-7b7a-9d5e-0123456789ab",
};

/** How a call looks by each protocol. */
const shapes = {
  grpc: {
    args: ["-c", "4", "-m", "16", "-H", "content-type: application/grpc", "-H", "te: trailers"],
    urlOf: ({ grpcUrl }: ServedCalls) => `${grpcUrl}${path}`,
    body: Buffer.concat([Buffer.from([0, 0, 0, 0, message.byteLength]), message]),
  },
  json: {
    args: ["--h1", "-c", "64", "-H", "content-type: application/json"],
    urlOf: ({ httpUrl }: ServedCalls) => `${httpUrl}${path}`,
    body: Buffer.from(json),
  },
  get: {
    args: ["--h1", "-c", "64"],
    urlOf: ({ httpUrl }: ServedCalls) => `${httpUrl}${path}?${query}`,
    body: undefined,
  },
} as const;

/** Finds h2load, or installs it. */
export async function createLoad(): Promise<Load> {
  const h2load = await requireBinary({
    title: "h2load",
    find: () => findBinary(["h2load"]),
    debianPackages: ["nghttp2-client"],
    variable: "PATH",
    log: line => process.stderr.write(`${line}\n`),
  });
  return async (server, protocol, seconds) => {
    const { args, urlOf, body } = shapes[protocol];
    const file = join(tmpdir(), `bench-${process.pid}-${protocol}`);
    if (body !== undefined) {
      writeFileSync(file, body);
    }
    const headers = Object.entries({ ...passedOn, ...server.headers }).flatMap(([name, value]) => [
      "-H",
      `${name}: ${value}`,
    ]);
    const data = body === undefined ? [] : ["-d", file];
    const all = ["-D", String(seconds), ...args, ...headers, ...data, urlOf(server)];
    const { stdout } = spawnOn(clientCore, h2load, all);
    const output = stdout === null ? "" : await text(stdout);
    rmSync(file, { force: true });
    const [, answered = 0] = /^requests: \d+ total, \d+ started, (\d+) done/m.exec(output) ?? [];
    if (!/, 0 3xx, 0 4xx, 0 5xx$/m.test(output) || Number(answered) === 0) {
      throw new Error(`calls were refused:\n${output}`);
    }
    return Number(answered);
  };
}
