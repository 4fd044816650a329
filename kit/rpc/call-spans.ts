import { type Context, type Span, SpanKind } from "@opentelemetry/api";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  RPC_SYSTEM_NAME_VALUE_GRPC,
} from "@opentelemetry/semantic-conventions";
import { RPC_SYSTEM_NAME_VALUE_CONNECTRPC } from "@opentelemetry/semantic-conventions/incubating";
import type { RequestHeaders } from "#kit/contract/context.ts";
import { isServerError } from "#kit/process/rpc-status.ts";
import { failSpan, inOwnSpan, inSpan, remoteContext } from "#kit/process/span.ts";

/** The name that the semantic conventions have for what a caller speaks. */
export function rpcSystemOf(protocol: string): string {
  return protocol.startsWith("grpc") ? RPC_SYSTEM_NAME_VALUE_GRPC : RPC_SYSTEM_NAME_VALUE_CONNECTRPC;
}

/** Serves one call in a span, which `work` ends by `endCallSpan`. */
export function inCallSpan<T>(
  method: string,
  call: { readonly protocol: string; readonly requestHeaders: RequestHeaders },
  work: (span: Span) => T,
): T {
  const attributes = { [ATTR_RPC_SYSTEM_NAME]: rpcSystemOf(call.protocol), [ATTR_RPC_METHOD]: method };
  const parent = callerContext(call.requestHeaders);
  return inOwnSpan(method, { kind: SpanKind.SERVER, attributes, parent }, work);
}

/** Ends the span of a call with how the call ended. */
export function endCallSpan(span: Span, status: string): void {
  span.setAttribute(ATTR_RPC_STATUS_CODE, status);
  if (isServerError(status)) {
    failSpan(span, status);
  }
  span.end();
}

/** Serves one request of a plain HTTP endpoint in a span; `work` returns the status of the answer. */
export function inRequestSpan(
  request: { readonly method: string; readonly route: string; readonly headers: RequestHeaders },
  work: () => Promise<number>,
): Promise<void> {
  const attributes = { [ATTR_HTTP_REQUEST_METHOD]: request.method, [ATTR_HTTP_ROUTE]: request.route };
  const parent = callerContext(request.headers);
  return inSpan(
    `${request.method} ${request.route}`,
    { kind: SpanKind.SERVER, attributes, parent },
    async span => {
      const status = await work();
      span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
      if (status >= 500) {
        failSpan(span, String(status));
      }
    },
  );
}

function callerContext(headers: RequestHeaders): Context {
  return remoteContext(headers.get("traceparent"), headers.get("tracestate"));
}
