import type { Context } from "#kit/contract/context.ts";
import type { Interceptor } from "#kit/rpc/call.ts";

const header = "cache-control";

/** What an answer says that no cache may store. */
export const uncachable = { [header]: "private, no-store" } as const;

/** Lets shared caches store the answer of a handler for half a minute, unless it is personal. */
export function allowCaching({ responseHeaders }: Pick<Context, "responseHeaders">): void {
  responseHeaders.set(header, "public, max-age=30");
}

/**
 * Keeps every answer out of caches, except one to an anonymous caller whose handler allows it: answers may be personal
 * or carry tokens, and a refusal is for one call.
 */
export function restrictCaching(): Interceptor {
  return next => async call => {
    const forbid = () => call.responseHeaders.set(header, uncachable[header]);
    forbid();
    try {
      const answer = await next(call);
      if (call.caller.kind !== "anonymous") {
        forbid();
      }
      return answer;
    } catch (error) {
      forbid();
      throw error;
    }
  };
}
