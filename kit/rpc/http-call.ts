import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { encodeText, isText } from "#kit/rpc/grpc-web-text.ts";
import { clientAddressOf, readHeaders, requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/** A call as it arrives at the http listener, before anything of it is checked. */
export interface HttpCall extends Omit<IncomingCall, "decode" | "deadlineMs"> {
  /** The HTTP method; HEAD is GET whose answer Node.js sends without its body. */
  readonly verb: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
}

/** An answer of the http listener. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Reads what the head of a request says. */
export function httpCallOf(request: IncomingMessage, response: ServerResponse): HttpCall {
  const requestHeaders = readHeaders(request.headers);
  const requestId = requestIdOf(requestHeaders);
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const contentType = requestHeaders.get("content-type") ?? "";
  const verb = request.method === "HEAD" ? "GET" : (request.method ?? "");
  const hangUp = new AbortController();
  response.once("close", () => {
    if (!response.writableEnded) {
      hangUp.abort();
    }
  });
  const responseHeaders = new Headers({ [requestIdHeader]: requestId });
  if (verb === "GET") {
    // A cache must not serve one user's answer to another.
    responseHeaders.set("vary", "authorization");
  }
  return {
    verb,
    path,
    query: new URLSearchParams(query),
    contentType,
    protocol: protocolOf(verb, contentType),
    requestHeaders,
    responseHeaders,
    requestId,
    clientAddress: clientAddressOf(requestHeaders, request.socket.remoteAddress),
    signal: hangUp.signal,
  };
}

function protocolOf(verb: string, contentType: string): string {
  if (contentType.toLowerCase().startsWith("application/grpc-web")) {
    return "grpc-web";
  }
  return verb === "GET" ? "connect-get" : "connect";
}

/** Sends an answer, or a refusal, with what the handler added to its headers. */
export function send(
  response: ServerResponse,
  { contentType, responseHeaders }: HttpCall,
  answer: HttpAnswer,
): void {
  const { status, headers, body } = isText(contentType) ? encodeText(answer) : answer;
  response.statusCode = status;
  response.setHeaders(responseHeaders);
  response.setHeaders(headers);
  response.setHeader("content-length", body.byteLength);
  response.end(body);
}
