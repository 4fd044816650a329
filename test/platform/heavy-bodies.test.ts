import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import type { Writable } from "node:stream";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { type Listeners, startListeners } from "../support/rpc/listeners.ts";
import { frame, readPath, validMessage } from "../support/rpc/malformed/call.ts";
import { until } from "../support/stack/until.ts";

const mebi = 1024 * 1024;
const part = Buffer.alloc(64 * 1024, 0x20);
const totalBytes = 64 * mebi;
// What sockets and streams buffer on both sides, in a process that is client and server.
const allowedGrowthBytes = 16 * mebi;

describe("a listener under bodies that are large, slow, or never end", () => {
  let listeners: Listeners;

  before(async () => {
    listeners = await startListeners();
  });
  after(() => listeners?.stop());

  const head = (length: string, type = "application/json") =>
    `POST ${readPath} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer x\r\ncontent-type: ${type}\r\n${length}\r\n\r\n`;

  const stillAnswers = async () => {
    const type = { "content-type": "application/json" };
    expect((await listeners.http({ path: readPath, headers: type, body: "{}" })).status).to.equal(200);
    const grpc = { "content-type": "application/grpc", te: "trailers" };
    const { trailers } = await listeners.grpc({ path: readPath, headers: grpc, body: frame(validMessage) });
    expect(trailers.get("grpc-status")).to.equal("0");
  };

  const ofLength = (type?: string) => head(`content-length: ${totalBytes}`, type);
  const tooLarge = /^HTTP\/1\.1 429 .*REQUEST_TOO_LARGE/s;
  // Its trailers are binary, or text in base64.
  const inTrailers = /^HTTP\/1\.1 200 .*(?:grpc-status: 8|Z3JwYy1zdGF0dXM6IDg)/s;

  for (const [title, bytes, refused] of [
    ["of a length", ofLength(), tooLarge],
    ["in one chunk", `${head("transfer-encoding: chunked")}${totalBytes.toString(16)}\r\n`, tooLarge],
    ["of gRPC-Web", ofLength("application/grpc-web+proto"), inTrailers],
    ["of gRPC-Web text", ofLength("application/grpc-web-text"), inTrailers],
  ] as const) {
    it(`keeps no 64 MiB ${title}`, async () => {
      const before = await usedBytes();
      const socket = open(listeners.httpUrl);
      let answer = "";
      socket.on("data", chunk => {
        answer += chunk;
      });
      socket.write(bytes);
      const isAnswered = () => answer.includes("\r\n\r\n");
      expect((await pour(socket, isAnswered)) - before).to.be.below(allowedGrowthBytes);
      await until(isAnswered);
      socket.destroy();
      expect(answer).to.match(refused);
      await stillAnswers();
    });
  }

  it("keeps no 64 MiB of gRPC", async () => {
    const before = await usedBytes();
    const session = connectHttp2(listeners.grpcUrl).on("error", () => {});
    const stream = session
      .request({ ":method": "POST", ":path": readPath, ...grpcHeaders })
      .on("error", () => {});
    let status: unknown;
    stream.on("response", headers => {
      status = headers["grpc-status"];
    });
    stream.write(frame(new Uint8Array(), { length: totalBytes }));
    const isAnswered = () => status !== undefined;
    expect((await pour(stream, isAnswered)) - before).to.be.below(allowedGrowthBytes);
    await until(isAnswered);
    session.destroy();
    expect(String(status)).to.equal("8");
    await stillAnswers();
  });

  it("answers others while hundreds of bodies trickle in, and keeps nothing of those that hang up", async () => {
    const sockets = Array.from({ length: 300 }, () => open(listeners.httpUrl));
    for (const socket of sockets) {
      socket.write(`${head("content-length: 1000")}{"pageSize"`);
    }
    const session = connectHttp2(listeners.grpcUrl).on("error", () => {});
    const streams = Array.from({ length: 300 }, () =>
      session.request({ ":method": "POST", ":path": readPath, ...grpcHeaders }).on("error", () => {}),
    );
    for (const stream of streams) {
      stream.write(frame(validMessage).subarray(0, 3));
    }
    await stillAnswers();
    const before = await listeners.countCalls();
    for (const socket of sockets) {
      socket.destroy();
    }
    session.destroy();
    // Each is recorded as a call that its caller gave up.
    await until(async () => (await listeners.countCalls()) >= before + sockets.length);
    expect(listeners.faults()).to.deep.equal([]);
    await stillAnswers();
  });

  it("ends a request whose sender closes its half of the connection in the middle of the body", async () => {
    const socket = open(listeners.httpUrl);
    socket.end(`${head("content-length: 1000")}{"pageSize"`);
    await until(() => socket.closed);
    expect(listeners.faults()).to.deep.equal([]);
    await stillAnswers();
  });
});

const grpcHeaders = { "content-type": "application/grpc", te: "trailers", authorization: "Bearer x" };

function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connectTcp(Number(port), hostname)
    .on("error", () => {})
    .resume();
}

/** Writes 64 MiB no faster than they are taken, until the other side has had enough; returns the most memory in use. */
async function pour(to: Writable, isAnswered: () => boolean): Promise<number> {
  let most = 0;
  for (let sent = 0; sent < totalBytes && to.writable; sent += part.length) {
    if (!to.write(part) && !(await isTaken(to, isAnswered))) {
      break;
    }
    if (sent === totalBytes / 2) {
      most = Math.max(most, await usedBytes());
    }
  }
  return Math.max(most, await usedBytes());
}

/** False where the other side closes, or takes nothing for a while after its answer. */
async function isTaken(to: Writable, isAnswered: () => boolean): Promise<boolean> {
  for (;;) {
    const wasAnswered = isAnswered();
    const taken = await takenWithin(300, to);
    if (taken !== undefined || wasAnswered) {
      return taken ?? false;
    }
  }
}

async function takenWithin(limitMs: number, to: Writable): Promise<boolean | undefined> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    return await Promise.race([
      once(to, "drain", { signal }).then(() => true),
      once(to, "close", { signal }).then(() => false),
      delay(limitMs, undefined, { signal }),
    ]);
  } catch {
    return false;
  } finally {
    ended.abort();
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What buffers hold now. Those that one collection finds are freed by the next, after the loop has turned. */
async function usedBytes(): Promise<number> {
  for (let turn = 0; turn < 2; turn++) {
    collectGarbage();
    await nextTurn();
  }
  return process.memoryUsage().arrayBuffers;
}
