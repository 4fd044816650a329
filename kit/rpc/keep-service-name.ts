import { ServerInterceptingCall, type ServerInterceptor, type ServerListener } from "@grpc/grpc-js";
import { currentServiceName, runAsService } from "#kit/process/service-name.ts";

/**
 * Interceptors that run the calls of a listener as the service that opened it; none where services are not named.
 * Node.js reads the body of an HTTP/2 request outside of the context in which its listener was opened.
 */
export function keepServiceName(): ServerInterceptor[] {
  const name = currentServiceName();
  if (name === undefined) {
    return [];
  }
  const listener: ServerListener = { onReceiveHalfClose: next => runAsService(name, next) };
  return [(_method, call) => new ServerInterceptingCall(call, { start: next => next(listener) })];
}
