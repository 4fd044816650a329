import type * as z from "zod";
import type { TossConfig } from "./config.ts";
import { tossError } from "./payment.ts";

/** A reply: a body of the expected shape, Toss's error, or nothing that can be trusted. */
export type TossReply<T> =
  | { kind: "body"; body: T }
  | { kind: "error"; code: string; message: string }
  | { kind: "nothing"; cause: "timeout" | "connection" | "stopped" | "malformed"; detail: string };

interface TossRequest<T> {
  method: "GET" | "POST";
  /** Absolute, with its query; its variable parts are already encoded. */
  path: string;
  body?: unknown;
  idempotencyKey?: string;
  shape: z.ZodType<T>;
  maxReplyBytes?: number;
  /** Stops waiting for the reply. */
  signal?: AbortSignal;
}

export type TossClient = <T>(request: TossRequest<T>) => Promise<TossReply<T>>;

const replyBytesMax = 256 * 1024;

/** One call is one HTTP request: no retries, no redirects, a bounded reply, and one time limit for all of it. */
export function createTossClient({
  apiUrl,
  secretKey,
  timeoutMs,
}: Pick<TossConfig, "apiUrl" | "secretKey" | "timeoutMs">): TossClient {
  const { origin } = new URL(apiUrl);
  const authorization = `Basic ${Buffer.from(`${secretKey}:`).toString("base64")}`;

  return async request => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(origin + request.path, {
        method: request.method,
        headers: {
          authorization,
          accept: "application/json",
          ...(request.body !== undefined && { "content-type": "application/json" }),
          ...(request.idempotencyKey !== undefined && { "idempotency-key": request.idempotencyKey }),
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        redirect: "manual",
        signal: request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]),
      });
      const text = await readBounded(response, request.maxReplyBytes ?? replyBytesMax);
      return parseReply(response, text, request.shape);
    } catch (error) {
      const stopped = request.signal?.aborted === true ? "stopped" : "connection";
      return { kind: "nothing", cause: timeout.aborted ? "timeout" : stopped, detail: describe(error) };
    }
  };
}

/** Status and body must agree: a payment under an error status proves as little as an error under 200. */
function parseReply<T>(response: Response, text: string | undefined, shape: z.ZodType<T>): TossReply<T> {
  if (text === undefined) {
    return malformed(response, "reply too large");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed(response, "not JSON");
  }
  if (response.ok) {
    const body = shape.safeParse(value);
    return body.success ? { kind: "body", body: body.data } : malformed(response, body.error.message);
  }
  const error = tossError.safeParse(value);
  return error.success ? { kind: "error", ...error.data } : malformed(response, "unknown error body");
}

function malformed(response: Response, detail: string) {
  return { kind: "nothing", cause: "malformed", detail: `status ${response.status}: ${detail}` } as const;
}

/** Undefined when the reply is longer than allowed. */
async function readBounded(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
