import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";
import { errorFromJson } from "@connectrpc/connect/protocol-connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { type Refusal, readConnectError } from "./refusal.ts";

/** Anything that can be sent to a listener, byte by byte. */
export interface RawCall {
  readonly verb?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Several parts are sent in chunks, without a length. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
}

/** What came back, byte by byte. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly trailers: Headers;
  readonly body: Buffer;
}

/** Calls over HTTP/1.1. */
export function callHttp1(baseUrl: string, { verb = "POST", path, headers = {}, body = "" }: RawCall) {
  return new Promise<RawAnswer>((resolve, reject) => {
    const { hostname, port } = new URL(baseUrl);
    const parts = Array.isArray(body) ? body : undefined;
    const length =
      parts === undefined && verb !== "GET" && verb !== "HEAD"
        ? { "content-length": Buffer.byteLength(body as string) }
        : {};
    const sent = httpRequest(
      { host: hostname, port, method: verb, path, headers: { ...headers, ...length }, agent: false },
      async response => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) {
          chunks.push(chunk as Buffer);
        }
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(response.headers as Record<string, string>),
          trailers: new Headers(),
          body: Buffer.concat(chunks),
        });
      },
    );
    sent.on("error", reject);
    for (const part of parts ?? [body as string]) {
      sent.write(part);
    }
    sent.end();
  });
}

/** Sends bytes as they are, and reads the answer to the end of the connection. */
export function sendBytes(baseUrl: string, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(baseUrl);
    const chunks: Buffer[] = [];
    const socket = connectTcp(Number(port), hostname, () => socket.write(bytes, "latin1"));
    socket.on("data", chunk => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", body = ""] = Buffer.concat(chunks).toString().split("\r\n\r\n", 2);
      const [first = "", ...lines] = head.split("\r\n");
      resolve({
        status: Number(first.split(" ")[1]),
        headers: new Headers(lines.map(line => line.split(": ", 2) as [string, string])),
        trailers: new Headers(),
        body: Buffer.from(body),
      });
    });
  });
}

/** Calls over cleartext HTTP/2. */
export function callHttp2(baseUrl: string, { verb = "POST", path, headers = {}, body = "" }: RawCall) {
  return new Promise<RawAnswer>((resolve, reject) => {
    const session = connectHttp2(baseUrl);
    const stream = session.request({ ":method": verb, ":path": path, ...headers });
    const chunks: Buffer[] = [];
    let head: Headers | undefined;
    let trailers = new Headers();
    session.on("error", reject);
    stream.on("error", reject);
    stream.on("response", received => {
      head = toHeaders(received);
    });
    stream.on("trailers", received => {
      trailers = toHeaders(received);
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("close", () => {
      session.close();
      if (head === undefined) {
        reject(new Error("the stream ended without an answer"));
        return;
      }
      resolve({ status: Number(head.get("x-status")), headers: head, trailers, body: Buffer.concat(chunks) });
    });
    for (const part of Array.isArray(body) ? body : [body]) {
      stream.write(part);
    }
    stream.end();
  });
}

function toHeaders(received: Readonly<Record<string, unknown>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(received)) {
    headers.set(name === ":status" ? "x-status" : name, String(value));
  }
  return headers;
}

/** The refusal in an answer, by the protocol that its content type names; undefined where it is none. */
export function readRefusal({ headers, trailers, body }: RawAnswer): Refusal | undefined {
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("application/grpc-web")) {
    const bytes = Buffer.from(type.includes("-text") ? base64Decode(body.toString()) : body);
    return fromTrailers(trailerParse(bytes.subarray(trailerOffset(bytes) + 5)));
  }
  if (type.startsWith("application/grpc")) {
    return fromTrailers(trailers.has("grpc-status") ? trailers : headers);
  }
  const json = type === "application/json" ? JSON.parse(body.toString()) : {};
  return "code" in json
    ? readConnectError(errorFromJson(json, undefined, new ConnectError("no error")))
    : undefined;
}

function trailerOffset(bytes: Buffer): number {
  return bytes[0] === 0x80 ? 0 : 5 + bytes.readUInt32BE(1);
}

function fromTrailers(trailers: Headers): Refusal | undefined {
  const error = findTrailerError(trailers);
  return error === undefined ? undefined : readConnectError(error);
}
