import type { Context } from "#kit/contract/context.ts";

/** Lets shared caches store an answer for half a minute, unless the answer is for one user. */
export function setCacheHeaders({ caller, responseHeaders }: Context): void {
  const control = caller.kind === "anonymous" ? "public, max-age=30" : "private, no-store";
  responseHeaders.set("cache-control", control);
}
