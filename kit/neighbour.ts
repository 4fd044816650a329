import { readFileSync } from "node:fs";
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { ChannelCredentials, Client, status as grpcStatus, Metadata, type ServiceError } from "@grpc/grpc-js";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { callerUserId, type WorkContext } from "#kit/context.ts";
import { Failure } from "#kit/failure.ts";
import { fromStatus } from "#kit/failure-status.ts";
import { isIdempotent, policyOf } from "#kit/policy.ts";
import { type ServiceTokenSigner, serviceTokenHeader } from "#kit/service-token.ts";

/** A client for one proto service of a neighbour. Every call takes deadline, cancellation and user from the work it belongs to. */
export type Neighbour<S extends DescService> = {
  readonly [M in keyof S["method"]]: S["method"][M] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, context: WorkContext) => Promise<MessageShape<O>>
    : never;
};

export interface NeighbourOptions {
  /** The name of the service that is called; the audience of our token. */
  readonly name: string;
  /** Where it listens for gRPC: `host:port` addresses, or one `dns:///name:port`. Calls go round robin. */
  readonly addresses: readonly string[];
  readonly sign: ServiceTokenSigner;
  /** PEM file of the authority behind the neighbour's certificate; cleartext without it. */
  readonly caFile: string | undefined;
}

// What a neighbour may use of our remaining time, so that we can still answer when it does not.
const marginMs = 50;

/** Opens the connection to a neighbour. Retries only idempotent methods, only while nothing answered. */
export function createNeighbour<S extends DescService>(
  service: S,
  options: NeighbourOptions,
): Neighbour<S> & { close(): void } {
  const client = new Client(targetOf(options.addresses), credentialsOf(options.caFile), {
    "grpc.service_config": JSON.stringify(serviceConfig(service)),
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2000,
    "grpc.keepalive_time_ms": 20_000,
    "grpc.keepalive_timeout_ms": 5_000,
  });
  const methods = service.methods.map(method => [
    method.localName,
    (request: MessageInitShape<DescMessage>, context: WorkContext) =>
      call(client, method as DescMethodUnary, options, request, context),
  ]);
  return Object.assign(Object.fromEntries(methods), { close: () => client.close() }) as Neighbour<S> & {
    close(): void;
  };
}

function targetOf(addresses: readonly string[]): string {
  const [first] = addresses;
  if (addresses.length === 1 && first !== undefined && !/^[\d.]+:\d+$/.test(first)) {
    return first.includes("///") ? first : `dns:///${first}`;
  }
  return `ipv4:${addresses.join(",")}`;
}

function credentialsOf(caFile: string | undefined): ChannelCredentials {
  return caFile === undefined
    ? ChannelCredentials.createInsecure()
    : ChannelCredentials.createSsl(readFileSync(caFile));
}

function serviceConfig(service: DescService) {
  const name = service.methods
    .filter(isIdempotent)
    .map(method => ({ service: service.typeName, method: method.name }));
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.05s",
    maxBackoff: "0.5s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: name.length === 0 ? [] : [{ name, retryPolicy }],
    retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
  };
}

async function call(
  client: Client,
  method: DescMethodUnary,
  options: NeighbourOptions,
  request: MessageInitShape<DescMessage>,
  context: WorkContext,
): Promise<MessageShape<DescMessage>> {
  const deadlineMs = Math.min(context.deadlineMs - marginMs, Date.now() + policyOf(method).deadlineMs);
  if (context.signal.aborted || deadlineMs <= Date.now()) {
    throw new Failure(Reason.DEADLINE_EXCEEDED);
  }
  const metadata = new Metadata();
  metadata.set(serviceTokenHeader, await options.sign(options.name, callerUserId(context)));
  return new Promise((resolve, reject) => {
    const running = client.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      (message: MessageShape<DescMessage>) => Buffer.from(toBinary(method.input, message)),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      create(method.input, request),
      metadata,
      { deadline: deadlineMs },
      (error, answer) => {
        context.signal.removeEventListener("abort", cancel);
        if (error !== null || answer === undefined) {
          reject(toFailure(error));
        } else {
          resolve(answer);
        }
      },
    );
    const cancel = () => running.cancel();
    context.signal.addEventListener("abort", cancel, { once: true });
  });
}

const reasons: Partial<Record<grpcStatus, Reason>> = {
  [grpcStatus.UNAVAILABLE]: Reason.SERVICE_UNAVAILABLE,
  [grpcStatus.DEADLINE_EXCEEDED]: Reason.DEADLINE_EXCEEDED,
  // A neighbour that dies or drains under a call ends it as cancelled.
  [grpcStatus.CANCELLED]: Reason.SERVICE_UNAVAILABLE,
  [grpcStatus.RESOURCE_EXHAUSTED]: Reason.REQUEST_TOO_LARGE,
};

function toFailure(error: ServiceError | null): Failure {
  const [details] = error?.metadata.get("grpc-status-details-bin") ?? [];
  const known = details instanceof Uint8Array ? fromStatus(details) : undefined;
  if (known !== undefined) {
    // Our own standing with a neighbour is our fault and no answer to our caller.
    const ours =
      known.reason === Reason.UNAUTHORIZED_TOKEN ||
      known.reason === Reason.FORBIDDEN ||
      known.reason === Reason.BAD_REQUEST;
    return ours ? new Failure(Reason.INTERNAL_SERVER_ERROR, { cause: error }) : known;
  }
  return new Failure(reasons[error?.code ?? grpcStatus.INTERNAL] ?? Reason.INTERNAL_SERVER_ERROR, {
    cause: error,
  });
}
