import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { AnswerHeaders } from "#kit/rpc/answer-headers.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { encodeText, isText } from "#kit/rpc/http/grpc-web-text.ts";
import { clientAddressOf, readHeaders, requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/** A call as it arrives at the http listener, before anything of it is checked. */
export interface HttpCall extends Omit<IncomingCall, "decode" | "deadlineMs"> {
  /** The HTTP method; HEAD is GET whose answer Node.js sends without its body. */
  readonly verb: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly responseHeaders: AnswerHeaders;
}

/** An answer of the http listener. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  readonly body: Uint8Array;
}

/** Reads what the head of a request says. */
export function httpCallOf(request: IncomingMessage, response: ServerResponse): HttpCall {
  const requestHeaders = readHeaders(request.headers);
  const requestId = requestIdOf(requestHeaders);
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const contentType = requestHeaders.get("content-type") ?? "";
  const verb = request.method === "HEAD" ? "GET" : (request.method ?? "");
  const responseHeaders = new AnswerHeaders();
  responseHeaders.set(requestIdHeader, requestId);
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
    onHangUp: listener => onHangUp(response, listener),
  };
}

function onHangUp(response: ServerResponse, listener: () => void): void {
  if (response.closed) {
    listener();
    return;
  }
  response.once("close", () => {
    if (!response.writableEnded) {
      listener();
    }
  });
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
  response.writeHead(status, {
    ...responseHeaders.fields,
    ...headers,
    "content-length": body.byteLength,
  });
  response.end(body);
}
