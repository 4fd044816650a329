import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { readBody } from "../read-body.ts";

const maxBodyBytes = 64 * 1024;

/** What goes over the wire: an answer, or a connection that is destroyed without one. */
export type Reply =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | "drop";

export interface Call {
  readonly request: IncomingMessage;
  readonly url: URL;
}

export type Handler = (call: Call) => Promise<Reply> | Reply;

/** Handlers by method and path, as in `GET /sim/people`. */
export type Routes = Readonly<Record<string, Handler>>;

/** A body that cannot be read as what it should be. */
export class BadBody extends Error {}

const tooLong = (text: string) => new BadBody(text);

export function json(value: unknown, status = 200): Reply {
  const headers = { "content-type": "application/json;charset=utf-8" };
  return { status, headers, body: JSON.stringify(value) };
}

export function redirect(target: string, params: Readonly<Record<string, string | undefined>>): Reply {
  const url = new URL(target);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) {
      url.searchParams.set(name, value);
    }
  }
  return { status: 303, headers: { location: url.href, "referrer-policy": "no-referrer" }, body: "" };
}

/** Reads a JSON body of the given shape. A page on another site cannot send one without asking first. */
export async function readJson<T>({ request }: Call, shape: z.ZodType<T>): Promise<T> {
  if (!request.headers["content-type"]?.startsWith("application/json")) {
    throw new BadBody("Content-Type must be application/json.");
  }
  try {
    return shape.parse(JSON.parse(await readBody(request, maxBodyBytes, tooLong)));
  } catch (error) {
    throw error instanceof z.ZodError ? new BadBody(z.prettifyError(error)) : error;
  }
}

/** Reads the fields of an HTML form; the first of several with one name. */
export async function readForm({ request }: Call): Promise<Readonly<Record<string, string>>> {
  const fields = [...new URLSearchParams(await readBody(request, maxBodyBytes, tooLong))];
  return Object.fromEntries(fields.reverse());
}

export function send(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  if (reply === "drop") {
    request.socket.destroy();
    return;
  }
  response.writeHead(reply.status, { "cache-control": "no-store", ...reply.headers }).end(reply.body);
}
