import type { Context } from "#kit/contract/context.ts";
import { authPath, readCookie, setCookie } from "./cookies.ts";

const name = "qc_refresh";

/** The refresh token that the browser sent; empty for none. */
export function readRefreshCookie(context: Pick<Context, "requestHeaders">): string {
  return readCookie(context, name);
}

/** Sets the refresh token as a cookie that scripts cannot read. */
export function setRefreshCookie(
  context: Pick<Context, "responseHeaders">,
  { token, lifetimeSeconds, secure }: { token: string; lifetimeSeconds: number; secure: boolean },
): void {
  setCookie(context, { name, value: token, path: authPath, lifetimeSeconds, secure });
}

/** Removes the refresh token from the browser. */
export function clearRefreshCookie(context: Pick<Context, "responseHeaders">, secure: boolean): void {
  setRefreshCookie(context, { token: "", lifetimeSeconds: 0, secure });
}
