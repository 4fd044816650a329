import { readFileSync } from "node:fs";
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { methodName } from "#kit/contract/policy.ts";
import { inCallerTrace } from "#kit/rpc/call-spans.ts";
import { deadlineOf } from "#kit/rpc/grpc-heads.ts";
import { grpcStatusOf, metadataOf } from "#kit/rpc/grpc-status.ts";
import { guardStreams } from "#kit/rpc/grpc-streams.ts";
import type { Route } from "#kit/rpc/implement.ts";
import type { RecordOptions } from "#kit/rpc/interceptors/record-call.ts";
import { keepServiceName } from "#kit/rpc/keep-service-name.ts";
import { maxRequestBytes } from "#kit/rpc/limits.ts";
import type { Pipeline } from "#kit/rpc/pipeline.ts";
import { addReflection } from "#kit/rpc/reflection.ts";
import { clientAddressOf, requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";
import { undecodable } from "#kit/rpc/undecodable.ts";

interface GrpcServerOptions extends RecordOptions {
  readonly routes: readonly Route[];
  readonly pipelineOf: (route: Route) => Pipeline;
  readonly host: string;
  readonly port: number;
  /** PEM files; without them the listener speaks cleartext. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly reflection: boolean;
  /** How long a connection lasts, so that clients spread to new replicas. */
  readonly maxConnectionAgeMs: number;
}

export interface GrpcServer {
  /** Tells health checks whether to send calls here. */
  setServing(serving: boolean): void;
  /** Takes no new calls, lets those in flight finish, and cuts them off after `limitMs`. */
  drain(limitMs: number): Promise<void>;
}

/** Listens for gRPC over HTTP/2. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server({
    "grpc.max_receive_message_length": maxRequestBytes,
    "grpc.max_connection_age_ms": options.maxConnectionAgeMs,
    "grpc.max_connection_age_grace_ms": 30_000,
    "grpc.keepalive_time_ms": 60_000,
    "grpc.max_concurrent_streams": 1000,
    interceptors: keepServiceName(),
  });
  const services = new Map<
    string,
    { definition: ServiceDefinition; implementation: UntypedServiceImplementation }
  >();
  for (const route of options.routes) {
    const { typeName } = route.method.parent;
    const service = services.get(typeName) ?? { definition: {}, implementation: {} };
    services.set(typeName, service);
    service.definition = { ...service.definition, [route.method.name]: definitionOf(route) };
    service.implementation[route.method.name] = implementationOf(route, options.pipelineOf(route));
  }
  for (const { definition, implementation } of services.values()) {
    server.addService(definition, implementation);
  }
  const health = new HealthImplementation({ "": "SERVING" });
  health.addToServer(server);
  if (options.reflection) {
    addReflection(server, [...services.keys()]);
  }
  await bind(server, options);
  guardStreams(server, new Set(options.routes.map(({ method }) => `/${methodName(method)}`)), options);
  return {
    setServing: serving => health.setStatus("", serving ? "SERVING" : "NOT_SERVING"),
    drain: limitMs => drain(server, limitMs),
  };
}

function definitionOf({ method }: Route): ServiceDefinition[string] {
  return {
    path: `/${methodName(method)}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: Message) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (message: Message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}

function implementationOf({ method }: Route, pipeline: Pipeline) {
  return (call: ServerUnaryCall<Uint8Array, Message>, callback: sendUnaryData<Message>) => {
    const requestHeaders = headersOf(call.metadata);
    return inCallerTrace(requestHeaders, async () => {
      const requestId = requestIdOf(requestHeaders);
      const responseHeaders = new Headers({ [requestIdHeader]: requestId });
      const hangUp = new AbortController();
      call.on("cancelled", () => hangUp.abort());
      try {
        const answer = await pipeline({
          protocol: "grpc",
          requestHeaders,
          responseHeaders,
          requestId,
          clientAddress: clientAddressOf(requestHeaders, call.getPeer()),
          signal: hangUp.signal,
          deadlineMs: deadlineOf(requestHeaders),
          decode: () => decode(method, call.request),
        });
        call.sendMetadata(metadataOf(responseHeaders));
        callback(null, answer);
      } catch (error) {
        callback(grpcStatusOf(error, requestHeaders, responseHeaders));
      }
    });
  };
}

// grpc-js would answer a malformed request with INTERNAL.
function decode(method: Route["method"], bytes: Uint8Array): Message {
  try {
    return fromBinary(method.input, bytes);
  } catch (error) {
    throw undecodable(error);
  }
}

function headersOf(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(metadata.getMap())) {
    if (typeof value === "string") {
      headers.set(name, value);
    }
  }
  return headers;
}

function bind(server: Server, { host, port, tls }: GrpcServerOptions): Promise<void> {
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: readFileSync(tls.certFile), private_key: readFileSync(tls.keyFile) },
        ]);
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, credentials, error => (error === null ? resolve() : reject(error)));
  });
}

function drain(server: Server, limitMs: number): Promise<void> {
  return new Promise(resolve => {
    const limit = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, limitMs);
    server.tryShutdown(() => {
      clearTimeout(limit);
      resolve();
    });
  });
}
