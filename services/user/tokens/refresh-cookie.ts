import type { Context } from "#kit/contract/context.ts";

const name = "qc_refresh";
const path = "/questioncloud.user.v1.AuthService";

/** The refresh token that the browser sent; empty for none. */
export function readRefreshCookie({ requestHeaders }: Pick<Context, "requestHeaders">): string {
  for (const pair of (requestHeaders.get("cookie") ?? "").split(";")) {
    const [key = "", value = ""] = pair.trim().split("=", 2);
    if (key === name) {
      return value;
    }
  }
  return "";
}

/** Sets the refresh token as a cookie that scripts cannot read. */
export function setRefreshCookie(
  { responseHeaders }: Pick<Context, "responseHeaders">,
  { token, lifetimeSeconds, secure }: { token: string; lifetimeSeconds: number; secure: boolean },
): void {
  const attributes = [
    `${name}=${token}`,
    `Path=${path}`,
    `Max-Age=${lifetimeSeconds}`,
    "HttpOnly",
    "SameSite=Strict",
    ...(secure ? ["Secure"] : []),
  ];
  responseHeaders.append("set-cookie", attributes.join("; "));
}

/** Removes the refresh token from the browser. */
export function clearRefreshCookie(context: Pick<Context, "responseHeaders">, secure: boolean): void {
  setRefreshCookie(context, { token: "", lifetimeSeconds: 0, secure });
}
