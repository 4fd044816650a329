import type { Context } from "#kit/contract/context.ts";

/** The context of a call by a user, for handlers without listeners. */
export function callContextOf(userId: bigint): Context {
  return {
    caller: { kind: "user", userId, role: "USER" },
    signal: new AbortController().signal,
    deadlineMs: Date.now() + 15_000,
    requestId: crypto.randomUUID(),
    requestHeaders: new Headers(),
    responseHeaders: new Headers(),
    clientAddress: "127.0.0.1",
  };
}
