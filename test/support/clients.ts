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
import type { Stack } from "../../dev/stack.ts";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { WorkContext } from "../../kit/context.ts";
import { Failure, reasonName } from "../../kit/failure.ts";
import { createNeighbour, type Neighbour } from "../../kit/neighbour.ts";
import { createServiceTokenSigner } from "../../kit/service-token.ts";
import { noteRefusal } from "./refusals.ts";

/** The ways in which a client may speak to the gateway. */
export type Protocol = "connect" | "connect-binary" | "grpc-web" | "grpc";

export interface ClientOptions {
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

/** A client for a mesh service that proves to be the neighbour `as`. */
export async function createMeshClient<S extends DescService>(
  stack: Stack,
  { service, callee, as }: { service: S; callee: string; as: string },
): Promise<Neighbour<S> & { close(): void }> {
  const key = JSON.parse(readFileSync(join(stack.dir, "keys", `${as}.jwk`), "utf8")) as JWK;
  const address = `127.0.0.1:${stack.ports.services[callee]?.grpc}`;
  const sign = await createServiceTokenSigner(as, key);
  const neighbour = createNeighbour(service, { name: callee, addresses: [address], sign, caFile: undefined });
  const noting = service.methods.map(method => {
    const call = neighbour[method.localName as keyof typeof neighbour] as (
      ...parts: unknown[]
    ) => Promise<unknown>;
    const noted = (...parts: unknown[]) =>
      call(...parts).catch((error: unknown) => {
        noteRefusal(method, reasonOf(error));
        throw error;
      });
    return [method.localName, noted];
  });
  return Object.assign(Object.fromEntries(noting), { close: neighbour.close }) as Neighbour<S> & {
    close(): void;
  };
}

/** A context for mesh calls on behalf of a user. */
export function onBehalfOf(userId: bigint | undefined, timeoutMs = 10_000): WorkContext {
  return {
    caller: { kind: "service", service: "test", userId },
    signal: AbortSignal.timeout(timeoutMs),
    deadlineMs: Date.now() + timeoutMs,
  };
}

/** The reason in an error of either kind of client; undefined where it carries none. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof Failure) {
    return reasonName(error.reason);
  }
  return error instanceof ConnectError ? error.findDetails(ErrorInfoSchema)[0]?.reason : undefined;
}

/** What a refused call tells: reason, code where it crossed the gateway, and metadata. Fails where the call succeeds. */
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
  throw new Error("the call was expected to be refused, and was answered");
}
