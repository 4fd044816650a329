import { create, type DescMethodUnary, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  createGrpcWebTransport,
  createConnectTransport as createWebTransport,
} from "@connectrpc/connect-web";
import { ChannelCredentials, Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import {
  detailsOfConnect,
  detailsOfService,
  type Refusal,
  readConnectError,
  readServiceError,
} from "./refusal.ts";

/** The kinds of client that are in use. */
export const callerKinds = [
  "connect-web",
  "connect-web GET",
  "grpc-web",
  "grpc-web text",
  "connect-node binary",
  "connect-node gRPC",
  "grpc-js",
] as const;

export type CallerKind = (typeof callerKinds)[number];

/** The outcome of a call: an answer or a refusal, and the headers of the response if the client shows them. */
export interface Outcome {
  readonly answer: Message | undefined;
  readonly refusal: Refusal | undefined;
  readonly headers: Headers;
  /** The details of a refusal, byte by byte; only RequestInfo, which names the call, is left out. */
  readonly details: readonly string[];
}

interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The caller's deadline. */
  readonly timeoutMs?: number;
  /** Hangs up. */
  readonly signal?: AbortSignal;
  /** Sent instead of the request, by grpc-js only. */
  readonly rawBytes?: Uint8Array;
}

/** Calls any method at one address, as one kind of client. */
export interface Caller {
  call(method: DescMethodUnary, request?: Message, options?: CallOptions): Promise<Outcome>;
  close(): void;
}

/** Creates a caller; `baseUrl` is the gateway or a listener of a service. */
export function createCaller(kind: CallerKind, baseUrl: string): Caller {
  const { unary, close } = kind === "grpc-js" ? createGrpcJs(baseUrl) : createConnect(kind, baseUrl);
  return {
    call: (method, request = create(method.input), options = {}) => unary(method, request, options),
    close,
  };
}

/** Headers that carry an access token. */
export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** What may precede an access token in `authorization`. */
export const schemeSpellings = ["Bearer ", "bearer ", "BEARER ", "bEaReR   ", "Bearer  "] as const;

interface Wire {
  unary(method: DescMethodUnary, request: Message, options: CallOptions): Promise<Outcome>;
  close(): void;
}

function createConnect(kind: Exclude<CallerKind, "grpc-js">, baseUrl: string): Wire {
  const sessions = new Http2SessionManager(baseUrl);
  const transport = createTransport(kind, baseUrl, sessions);
  return {
    async unary(method, request, { headers, timeoutMs, signal }) {
      try {
        const sent = transport.unary(method, signal, timeoutMs, headers, request);
        const { message, header } = await sent;
        return { answer: message, refusal: undefined, headers: header, details: [] };
      } catch (cause) {
        const error = ConnectError.from(cause);
        const refusal = readConnectError(error);
        return { answer: undefined, refusal, headers: error.metadata, details: detailsOfConnect(error) };
      }
    },
    close: () => sessions.abort(),
  };
}

function createTransport(
  kind: Exclude<CallerKind, "grpc-js">,
  baseUrl: string,
  sessionManager: Http2SessionManager,
): Transport {
  switch (kind) {
    case "connect-web":
      return createWebTransport({ baseUrl });
    case "connect-web GET":
      return createWebTransport({ baseUrl, useHttpGet: true });
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl });
    case "grpc-web text":
      return createGrpcWebTransport({ baseUrl, fetch: fetchAsText });
    case "connect-node binary":
      return createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true });
    case "connect-node gRPC":
      return createGrpcTransport({ baseUrl, sessionManager });
  }
}

/** The text form of gRPC-Web, which connect-web does not speak: bodies are base64, in parts that may have padding. */
const fetchAsText: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set("content-type", "application/grpc-web-text+proto");
  const body = Buffer.from(init?.body as Uint8Array).toString("base64");
  const response = await fetch(input, { ...init, headers, body });
  const answered = new Headers(response.headers);
  const type = answered.get("content-type") ?? "";
  if (!type.startsWith("application/grpc-web-text")) {
    return response;
  }
  answered.set("content-type", type.replace("-text", ""));
  const quads = (await response.text()).match(/.{4}/g) ?? [];
  const bytes = Buffer.concat(quads.map(quad => Buffer.from(quad, "base64")));
  return new Response(bytes, { status: response.status, headers: answered });
};

function createGrpcJs(baseUrl: string): Wire {
  const client = new Client(new URL(baseUrl).host, ChannelCredentials.createInsecure());
  return {
    unary: (method, request, { headers = {}, timeoutMs, signal, rawBytes }) =>
      new Promise(resolve => {
        const metadata = new Metadata();
        for (const [name, value] of Object.entries(headers)) {
          metadata.set(name, value);
        }
        const seen = new Headers();
        const see = (received: Metadata | undefined) => {
          for (const [name, value] of Object.entries(received?.getMap() ?? {})) {
            if (typeof value === "string") {
              seen.set(name, value);
            }
          }
        };
        const deadline = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
        const running = client.makeUnaryRequest(
          `/${method.parent.typeName}/${method.name}`,
          (message: Message) => Buffer.from(rawBytes ?? toBinary(method.input, message)),
          (bytes: Buffer) => fromBinary(method.output, bytes),
          request,
          metadata,
          deadline,
          (error: ServiceError | null, answer?: Message) => {
            see(error?.metadata);
            resolve({
              answer,
              refusal: error === null ? undefined : readServiceError(error),
              headers: seen,
              details: error === null ? [] : detailsOfService(error),
            });
          },
        );
        running.on("metadata", see);
        signal?.addEventListener("abort", () => running.cancel());
      }),
    close: () => client.close(),
  };
}

/** The name of a code in Connect's form. */
export function codeName(code: number): string {
  return Code[code] ?? String(code);
}
