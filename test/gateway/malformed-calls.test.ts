import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { bearer } from "../support/rpc/callers.ts";
import { englishHeaders, expectRefused } from "../support/rpc/expect-refused.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { type Listeners, startListeners } from "../support/rpc/listeners.ts";
import type { MalformedCall } from "../support/rpc/malformed/call.ts";
import { connectCalls } from "../support/rpc/malformed/connect.ts";
import { grpcCalls, grpcWebCalls } from "../support/rpc/malformed/grpc.ts";
import { callHttp1, callHttp2 } from "../support/rpc/raw-calls.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("through the gateway, a service refuses", () => {
  let stack: Stack;
  let listeners: Listeners;
  let gateway: OwnGateway;
  let headers: Record<string, string>;

  before(async () => {
    stack = await sharedStack();
    listeners = await startListeners();
    const { services } = readEnvoyOptions(stack.env);
    gateway = await startOwnGateway(stack, { services: { ...services, coupon: listeners.addresses } });
    headers = { ...englishHeaders, ...bearer(await signAccessToken(stack, { userId: 7n })) };
  });
  after(async () => {
    await gateway?.stop();
    await listeners?.stop();
  });

  const protocols: Readonly<Record<string, readonly MalformedCall[]>> = {
    ...connectCalls,
    ...grpcWebCalls,
    gRPC: grpcCalls,
  };
  for (const [protocol, calls] of Object.entries(protocols)) {
    const send = protocol === "gRPC" ? callHttp2 : callHttp1;
    for (const call of calls.filter(({ listenerOnly }) => listenerOnly !== true)) {
      it(`by ${protocol} ${call.title}`, () =>
        expectRefused(
          listeners,
          () => send(gateway.url, { ...call, headers: { ...headers, ...call.headers } }),
          call,
        ));
    }
  }
});
