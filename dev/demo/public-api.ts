import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { packageServiceOf } from "#kit/contract/contracts.ts";

/** The protocols that the gateway speaks. */
export const protocols = ["connect", "grpc-web", "grpc"] as const;
export type Protocol = (typeof protocols)[number];

/** The public methods, called with generated clients. */
export interface PublicApi {
  /** A client of a public service; with an access token it calls as that user. */
  client<S extends DescService>(service: S, token?: string): Client<S>;
}

interface PublicApiOptions {
  /** Where a service answers, by its name; the same address for all behind a gateway. */
  readonly urlOf: (service: string) => string;
  readonly protocol?: Protocol;
  readonly interceptors?: Interceptor[];
}

/** Creates clients of the public API. All clients share connections, which close when idle. */
export function createPublicApi({
  urlOf,
  protocol = "connect",
  interceptors = [],
}: PublicApiOptions): PublicApi {
  const transports = new Map<string, Transport>();
  return {
    client(service, token) {
      const baseUrl = urlOf(packageServiceOf(service.file));
      const transport = transports.get(baseUrl) ?? createTransport(protocol, baseUrl, interceptors);
      transports.set(baseUrl, transport);
      return createClient(service, token === undefined ? transport : signedIn(transport, token));
    },
  };
}

function createTransport(protocol: Protocol, baseUrl: string, interceptors: Interceptor[]): Transport {
  switch (protocol) {
    case "connect":
      return createConnectTransport({ baseUrl, httpVersion: "1.1", interceptors });
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl, httpVersion: "1.1", interceptors });
    case "grpc":
      return createGrpcTransport({ baseUrl, interceptors });
  }
}

function signedIn(transport: Transport, token: string): Transport {
  const withToken = (given: HeadersInit | undefined) => {
    const headers = new Headers(given);
    headers.set("authorization", `Bearer ${token}`);
    return headers;
  };
  return {
    unary: (method, signal, timeoutMs, headers, message, values) =>
      transport.unary(method, signal, timeoutMs, withToken(headers), message, values),
    stream: (method, signal, timeoutMs, headers, messages, values) =>
      transport.stream(method, signal, timeoutMs, withToken(headers), messages, values),
  };
}
