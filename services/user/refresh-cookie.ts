import type { Context } from "#kit/context.ts";

const name = "qc_refresh";
const path = "/questioncloud.user.v1.AuthService";

/** The refresh token that the browser sent, or an empty text. */
export function readRefreshCookie({ requestHeaders }: Pick<Context, "requestHeaders">): string {
  for (const pair of (requestHeaders.get("cookie") ?? "").split(";")) {
    const [key = "", value = ""] = pair.trim().split("=", 2);
    if (key === name) {
      return value;
    }
  }
  return "";
}

/** Gives the refresh token to the browser, out of the reach of scripts. */
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

/** Takes the refresh token away from the browser. */
export function clearRefreshCookie(context: Pick<Context, "responseHeaders">, secure: boolean): void {
  setRefreshCookie(context, { token: "", lifetimeSeconds: 0, secure });
}
