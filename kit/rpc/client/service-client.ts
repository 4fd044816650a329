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
import { ChannelCredentials, Client, status as grpcStatus, Metadata } from "@grpc/grpc-js";
import { RPC_SYSTEM_NAME_VALUE_GRPC } from "@opentelemetry/semantic-conventions";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { callerUserId, type WorkContext } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import { isIdempotent, methodName, policyOf } from "#kit/contract/policy.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { traceHeaders } from "#kit/process/span.ts";
import { calleeFailure } from "#kit/rpc/client/callee-failure.ts";
import { CallError, callUnary } from "#kit/rpc/client/unary-call.ts";
import { minimumMs } from "#kit/rpc/interceptors/enforce-deadline.ts";
import { requestIdHeader } from "#kit/rpc/request-headers.ts";
import { type ServiceTokenSigner, serviceTokenHeader } from "#kit/rpc/tokens/service-token.ts";

/**
 * A client for one proto service of another service. Every call takes deadline, cancellation, user and request id
 * from the work it belongs to.
 */
export type ServiceClient<S extends DescService> = {
  readonly [M in keyof S["method"]]: S["method"][M] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, context: WorkContext) => Promise<MessageShape<O>>
    : never;
};

interface ServiceClientOptions {
  /** The name of the service that is called; the audience of our token. */
  readonly name: string;
  /** Its gRPC listeners: `host:port` addresses, or one `dns:///name:port`. Calls go round robin. */
  readonly addresses: readonly string[];
  readonly sign: ServiceTokenSigner;
  /** Cleartext without them. */
  readonly credentials?: ChannelCredentials;
  /** Counts the calls of a service; a tool has none. */
  readonly metrics?: Pick<Metrics, "outgoingCalls">;
}

// A callee gets a little less than our remaining time, so that we can still answer if it does not.
const marginMs = 50;

const ping = { everyMs: 1000, timeoutMs: 1500 };

/** After so long without an answer to a ping a replica is given up, and what may be repeated goes to another one. */
export const givenUpMs = ping.everyMs + ping.timeoutMs;

/** Opens the connection to another service. Retries only idempotent methods, and only where no answer has arrived. */
export function createServiceClient<S extends DescService>(
  service: S,
  options: ServiceClientOptions,
): ServiceClient<S> & { close(): void } {
  const client = new Client(
    targetOf(options.addresses),
    options.credentials ?? ChannelCredentials.createInsecure(),
    {
      "grpc.service_config": JSON.stringify(serviceConfig(service)),
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 2000,
      // By default 30 seconds, in which a rollout may replace every address that the client knows.
      "grpc.dns_min_time_between_resolutions_ms": 1000,
      "grpc.keepalive_time_ms": ping.everyMs,
      "grpc.keepalive_timeout_ms": ping.timeoutMs,
      // Otherwise a connection that fell silent between calls is noticed by the calls that follow.
      "grpc.keepalive_permit_without_calls": 1,
      // Statistics of every call, which are not used.
      "grpc.enable_channelz": 0,
    },
  );
  const methods = service.methods.map(method => {
    const callee = calleeOf(method as DescMethodUnary);
    return [
      method.localName,
      (request: MessageInitShape<DescMessage>, context: WorkContext) =>
        call(client, callee, options, request, context),
    ];
  });
  return Object.assign(Object.fromEntries(methods), { close: () => client.close() }) as ServiceClient<S> & {
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

/** What all calls of a method have in common. */
interface Callee {
  readonly method: DescMethodUnary;
  readonly path: string;
  readonly name: string;
  readonly maxDurationMs: number;
}

function calleeOf(method: DescMethodUnary): Callee {
  const name = methodName(method);
  return { method, path: `/${name}`, name, maxDurationMs: policyOf(method).deadlineMs };
}

async function call(
  client: Client,
  callee: Callee,
  options: ServiceClientOptions,
  request: MessageInitShape<DescMessage>,
  context: WorkContext,
): Promise<MessageShape<DescMessage>> {
  const { path, name, method } = callee;
  const { signal } = context;
  const deadlineMs = Math.min(context.deadlineMs - marginMs, Date.now() + callee.maxDurationMs);
  if (signal?.aborted || deadlineMs - Date.now() < minimumMs) {
    throw new Failure(Reason.DEADLINE_EXCEEDED);
  }
  const message = toBinary(method.input, create(method.input, request));
  const metadata = new Metadata();
  metadata.set(requestIdHeader, context.requestId);
  metadata.set(serviceTokenHeader, await options.sign(options.name, callerUserId(context)));
  for (const [header, value] of Object.entries(traceHeaders())) {
    metadata.set(header, value);
  }
  const startMs = performance.now();
  let code = grpcStatus.OK;
  try {
    return fromBinary(
      method.output,
      await callUnary(client, { path, metadata, message, deadlineMs, signal }),
    );
  } catch (error) {
    code = error instanceof CallError ? error.code : grpcStatus.INTERNAL;
    throw calleeFailure(error);
  } finally {
    measure(name, options, statusName(code), performance.now() - startMs);
  }
}

function measure(
  method: string,
  { name, metrics }: ServiceClientOptions,
  status: string,
  durationMs: number,
): void {
  const labels = {
    rpc_system_name: RPC_SYSTEM_NAME_VALUE_GRPC,
    rpc_method: method,
    rpc_status_code: status,
    server_service_name: name,
  };
  metrics?.outgoingCalls.observe(labels, durationMs / 1000);
}
