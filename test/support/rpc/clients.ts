import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import {
  type Client,
  Code,
  ConnectError,
  createClient,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import type { JWK } from "jose";
import type { Stack } from "#dev/stack/stack.ts";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import { Failure, reasonName } from "#kit/contract/failure.ts";
import { createServiceClient, type ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createServiceTokenSigner } from "#kit/rpc/tokens/service-token.ts";
import { noteRefusal } from "./refusals.ts";

/** The protocols that the gateway speaks. */
type Protocol = "connect" | "connect-binary" | "grpc-web" | "grpc";

interface ClientOptions {
  readonly token?: string | undefined;
  readonly protocol?: Protocol;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A generated client that calls through the gateway. */
export function createPublicClient<S extends DescService>(
  stack: Stack,
  service: S,
  options: ClientOptions = {},
): Client<S> {
  return createClient(service, transportOf(stack.gatewayUrl ?? "", options));
}

function transportOf(
  baseUrl: string,
  { token, protocol = "connect", headers = {} }: ClientOptions,
): Transport {
  const addHeaders: Interceptor = next => async request => {
    for (const [name, value] of Object.entries(headers)) {
      request.header.set(name, value);
    }
    if (token !== undefined) {
      request.header.set("authorization", `Bearer ${token}`);
    }
    try {
      return await next(request);
    } catch (error) {
      noteRefusal(request.method, reasonOf(error));
      throw error;
    }
  };
  const interceptors = [addHeaders];
  if (protocol === "grpc") {
    return createGrpcTransport({ baseUrl, interceptors });
  }
  if (protocol === "grpc-web") {
    return createGrpcWebTransport({ baseUrl, httpVersion: "1.1", interceptors });
  }
  return createConnectTransport({
    baseUrl,
    httpVersion: "1.1",
    useBinaryFormat: protocol === "connect-binary",
    interceptors,
  });
}

/** A client for an internal proto service of `callee`, with the key of the service `as`. */
export async function createInternalClient<S extends DescService>(
  stack: Stack,
  { service, callee, as }: { service: S; callee: string; as: string },
): Promise<ServiceClient<S> & { close(): void }> {
  const key = JSON.parse(readFileSync(join(stack.dir, "keys", `${as}.jwk`), "utf8")) as JWK;
  const address = `127.0.0.1:${stack.ports.services[callee]?.grpc}`;
  const sign = await createServiceTokenSigner(as, key);
  const client = createServiceClient(service, {
    name: callee,
    addresses: [address],
    sign,
  });
  const methods = service.methods.map(method => {
    const call = client[method.localName as keyof typeof client] as (...parts: unknown[]) => Promise<unknown>;
    const recorded = (...parts: unknown[]) =>
      call(...parts).catch((error: unknown) => {
        noteRefusal(method, reasonOf(error));
        throw error;
      });
    return [method.localName, recorded];
  });
  return Object.assign(Object.fromEntries(methods), { close: client.close }) as ServiceClient<S> & {
    close(): void;
  };
}

/** A context for internal calls on behalf of a user. */
export function onBehalfOf(userId: bigint | undefined, timeoutMs = 10_000): WorkContext {
  return {
    caller: { kind: "service", service: "test", userId },
    signal: AbortSignal.timeout(timeoutMs),
    deadlineMs: Date.now() + timeoutMs,
    requestId: crypto.randomUUID(),
  };
}

/** The reason in an error of either kind of client; undefined if it has none. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof Failure) {
    return reasonName(error.reason);
  }
  return error instanceof ConnectError ? error.findDetails(ErrorInfoSchema)[0]?.reason : undefined;
}

/**
 * The reason and metadata of a refused call, and its code if the call went through the gateway. Fails if the call
 * succeeds.
 */
export async function refusalOf(call: Promise<unknown>): Promise<{
  reason: string | undefined;
  code: string | undefined;
  metadata: Readonly<Record<string, string>>;
}> {
  try {
    await call;
  } catch (error) {
    const metadata =
      error instanceof Failure
        ? error.metadata
        : error instanceof ConnectError
          ? (error.findDetails(ErrorInfoSchema)[0]?.metadata ?? {})
          : {};
    if (reasonOf(error) === undefined && !(error instanceof ConnectError)) {
      throw error;
    }
    return {
      reason: reasonOf(error),
      code: error instanceof ConnectError ? Code[error.code] : undefined,
      metadata,
    };
  }
  throw new Error("the call was expected to be refused but succeeded");
}
