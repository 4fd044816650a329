import type { Context } from "#kit/contract/context.ts";
import type { Failure } from "#kit/contract/failure.ts";
import type { Call } from "#kit/rpc/call.ts";

const header = "cache-control";

/** What an answer says that no cache may store. */
export const uncachable = { [header]: "private, no-store" } as const;

/** Lets shared caches store the answer of a handler for half a minute, unless it is personal. */
export function allowCaching({ responseHeaders }: Pick<Context, "responseHeaders">): void {
  responseHeaders.set(header, "public, max-age=30");
}

/**
 * Keeps an answer out of caches, unless it is one to an anonymous caller whose handler allows it: answers may be
 * personal or carry tokens, and a refusal is for one call.
 */
export function restrictCaching({ caller, responseHeaders }: Call, failure: Failure | undefined): void {
  const isPersonal = caller.kind !== "anonymous";
  if (isPersonal || failure !== undefined || responseHeaders.get(header) === null) {
    responseHeaders.set(header, uncachable[header]);
  }
}
