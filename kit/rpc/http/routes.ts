import type { IncomingMessage, ServerResponse } from "node:http";
import { inRequestSpan } from "#kit/rpc/call-spans.ts";
import { type HttpCall, send } from "#kit/rpc/http/call.ts";
import { requireAllowed } from "#kit/rpc/http/heads.ts";
import { refusalAnswer } from "#kit/rpc/http/refusals.ts";
import { logOutcome, type RecordOptions } from "#kit/rpc/interceptors/record-call.ts";
import { uncachable } from "#kit/rpc/interceptors/restrict-caching.ts";
import { toFailure } from "#kit/rpc/interceptors/translate-errors.ts";

/**
 * A plain HTTP endpoint next to the RPCs, for callers that do not speak Connect; declared in the service's
 * service.proto.
 */
export interface HttpRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** Serves a request of one of these routes; returns false where none has its path. */
export function serveHttpRoute(
  routes: readonly HttpRoute[],
  call: HttpCall,
  request: IncomingMessage,
  response: ServerResponse,
  options: RecordOptions,
): boolean {
  const found = routes.filter(route => matches(route.path, call.path));
  const [first] = found;
  if (first === undefined) {
    return false;
  }
  response.setHeaders(new Map(Object.entries(uncachable)));
  void serve(first.path, call, options, response, async () => {
    const route = found.find(({ method }) => method === call.verb);
    requireAllowed(
      call.verb,
      found.map(({ method }) => method),
    );
    await route?.handle(request, response);
  });
  return true;
}

/** True for a path that a route names; a last segment in braces matches any one segment. */
function matches(route: string, path: string): boolean {
  const variable = route.indexOf("{");
  return variable < 0
    ? route === path
    : path.startsWith(route.slice(0, variable)) && !path.slice(variable).includes("/");
}

async function serve(
  path: string,
  call: HttpCall,
  { log, metrics }: RecordOptions,
  response: ServerResponse,
  handle: () => Promise<void>,
): Promise<void> {
  const startMs = performance.now();
  await inRequestSpan({ method: call.verb, route: path, headers: call.requestHeaders }, async () => {
    try {
      await handle();
    } catch (error) {
      const failure = toFailure(error);
      const outcome = { ...call, protocol: "http", caller: { kind: "anonymous" } as const };
      logOutcome(`${call.verb} ${path}`, outcome, failure, performance.now() - startMs, log);
      if (!response.headersSent) {
        send(response, call, refusalAnswer(failure, call));
      }
    }
    return response.statusCode;
  });
  const labels = {
    http_request_method: call.verb,
    http_route: path,
    http_response_status_code: response.statusCode,
  };
  metrics.httpRequests.observe(labels, (performance.now() - startMs) / 1000);
}
