import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { z } from "zod";
import { readBody } from "../read-body.ts";
import { PspFailure } from "./failures.ts";

const maxBodyBytes = 64 * 1024;

/** A finished answer as it is stored and sent: JSON text. */
export interface Answer {
  status: number;
  body: string;
}

/** What goes over the wire: an answer with headers, or one of the ways in which a call goes wrong. */
export type Reply =
  | {
      kind: "answer";
      answer: Answer;
      contentType?: string;
      headers?: Record<string, string>;
      twice?: boolean;
    }
  | { kind: "drop" }
  | { kind: "hang" };

export interface Call {
  method: string;
  url: URL;
  params: Record<string, string>;
  request: IncomingMessage;
}

export interface Route {
  method: "GET" | "POST";
  /** Segments; one that starts with a colon is a parameter. */
  path: string;
  handle: (call: Call) => Promise<Reply> | Reply;
}

export function findRoute(routes: readonly Route[], method: string, pathname: string) {
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, pathname) : undefined;
    if (params !== undefined) {
      return { route, params };
    }
  }
  return undefined;
}

export function answerOf(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value) };
}

export function json(value: unknown, status = 200): Reply {
  return { kind: "answer", answer: answerOf(value, status) };
}

export function failureAnswer(failure: PspFailure): Answer {
  return answerOf({ code: failure.code, message: failure.message }, failure.status);
}

/** Reads a JSON body of the given shape. A page on another site cannot send one without asking first. */
export async function readJson<T>(call: Call, shape: z.ZodType<T>): Promise<T> {
  if (!call.request.headers["content-type"]?.startsWith("application/json")) {
    throw new PspFailure("INVALID_REQUEST", "Content-Type must be application/json.");
  }
  const text = await readText(call.request);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PspFailure("INVALID_REQUEST");
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    throw new PspFailure("INVALID_REQUEST", z.prettifyError(parsed.error));
  }
  return parsed.data;
}

/** Reads a body as text. */
export function readText(request: IncomingMessage): Promise<string> {
  return readBody(request, maxBodyBytes, () => new PspFailure("INVALID_REQUEST"));
}

export async function send(reply: Reply, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (reply.kind === "drop") {
    return void request.socket.destroy();
  }
  if (reply.kind === "hang") {
    if (!request.socket.destroyed) {
      await once(request.socket, "close");
    }
    return;
  }
  const { answer, contentType = "application/json; charset=utf-8", headers = {} } = reply;
  response.writeHead(answer.status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(answer.body),
    "cache-control": "no-store",
    ...headers,
  });
  const { socket } = response;
  response.end(answer.body);
  if (reply.twice && socket) {
    await repeat(socket, answer, response);
  }
}

async function repeat(socket: Socket, answer: Answer, response: ServerResponse): Promise<void> {
  if (!response.writableFinished) {
    await once(response, "finish");
  }
  const length = Buffer.byteLength(answer.body);
  const head = `HTTP/1.1 ${answer.status} OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  socket.write(head + answer.body);
}

function matchPath(path: string, pathname: string): Record<string, string> | undefined {
  const wanted = path.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":")) {
      params[segment.slice(1)] = decodeSegment(value);
    } else if (segment !== value) {
      return undefined;
    }
  }
  return params;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new PspFailure("INVALID_REQUEST");
  }
}
