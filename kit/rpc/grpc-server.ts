import { readFileSync } from "node:fs";
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation } from "grpc-health-check";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { contractsImage } from "#kit/contract/contracts.ts";
import { Failure } from "#kit/contract/failure.ts";
import { toCallStatus } from "#kit/contract/failure-status.ts";
import { inCallerTrace } from "#kit/rpc/call-spans.ts";
import type { Route } from "#kit/rpc/implement.ts";
import { keepServiceName } from "#kit/rpc/keep-service-name.ts";
import type { Pipeline } from "#kit/rpc/pipeline.ts";
import { clientAddressOf, requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/** The size limit of a request on either listener. */
export const maxRequestBytes = 1024 * 1024;

interface GrpcServerOptions {
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
  return {
    setServing: serving => health.setStatus("", serving ? "SERVING" : "NOT_SERVING"),
    drain: limitMs => drain(server, limitMs),
  };
}

function definitionOf({ method }: Route): ServiceDefinition[string] {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
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
          deadlineMs: Number(call.getDeadline()),
          decode: () => decode(method, call.request),
        });
        call.sendMetadata(metadataOf(responseHeaders));
        callback(null, answer);
      } catch (error) {
        callback(statusOf(error, requestHeaders, responseHeaders, requestId));
      }
    });
  };
}

// grpc-js would answer a malformed request with INTERNAL.
function decode(method: Route["method"], bytes: Uint8Array): Message {
  try {
    return fromBinary(method.input, bytes);
  } catch (cause) {
    throw new Failure(Reason.BAD_REQUEST, { cause });
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

function metadataOf(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    metadata.add(name, value);
  }
  return metadata;
}

function statusOf(error: unknown, requestHeaders: Headers, responseHeaders: Headers, requestId: string) {
  const status = toCallStatus(error, requestHeaders, requestId);
  const metadata = metadataOf(responseHeaders);
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  return { code: status.code as number, details: status.message, metadata };
}

function addReflection(server: Server, services: string[]): void {
  new ReflectionService(loadFileDescriptorSetFromBuffer(Buffer.from(contractsImage)), {
    services: [...services, "grpc.health.v1.Health"],
  }).addToServer(server);
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
