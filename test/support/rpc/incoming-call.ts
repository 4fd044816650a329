import { create, type DescMethodUnary } from "@bufbuild/protobuf";
import type { IncomingCall } from "#kit/rpc/call.ts";

/** A call as a transport hands it to the pipeline, without a deadline or a caller who hangs up. */
export function incomingCallOf({ input }: DescMethodUnary, given: Partial<IncomingCall> = {}): IncomingCall {
  return {
    protocol: "connect",
    requestHeaders: new Headers(),
    responseHeaders: new Headers(),
    clientAddress: "127.0.0.1",
    requestId: "1",
    onHangUp() {},
    deadlineMs: Number.POSITIVE_INFINITY,
    decode: () => create(input),
    ...given,
  };
}
