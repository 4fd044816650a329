import type { Context } from "#kit/contract/context.ts";

/** The path of the service that starts, refreshes and ends sessions. */
export const authPath = "/questioncloud.user.v1.AuthService";

/** A cookie that the browser sent; empty for none. */
export function readCookie({ requestHeaders }: Pick<Context, "requestHeaders">, name: string): string {
  for (const pair of (requestHeaders.get("cookie") ?? "").split(";")) {
    const [key = "", value = ""] = pair.trim().split("=", 2);
    if (key === name) {
      return value;
    }
  }
  return "";
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  /** The path of the only service that gets it. */
  readonly path: string;
  readonly lifetimeSeconds: number;
  readonly secure: boolean;
}

/** Sets a cookie that scripts cannot read and that only one service gets. */
export function setCookie(
  { responseHeaders }: Pick<Context, "responseHeaders">,
  { name, value, path, lifetimeSeconds, secure }: Cookie,
): void {
  const attributes = [
    `${name}=${value}`,
    `Path=${path}`,
    `Max-Age=${lifetimeSeconds}`,
    "HttpOnly",
    "SameSite=Strict",
    ...(secure ? ["Secure"] : []),
  ];
  responseHeaders.append("set-cookie", attributes.join("; "));
}
