import { randomBytes } from "node:crypto";
import type { Context } from "#kit/contract/context.ts";
import { readCookie, setCookie } from "./cookies.ts";

const name = "qc_social";
const path = "/questioncloud.user.v1.SocialAccountService";
const form = /^[\w-]{43}$/;

/** Creates a handle, by which who started a social login is known at its end. */
export function createSocialHandle(): string {
  return randomBytes(32).toString("base64url");
}

/** The handle that the browser sent; empty for none. */
export function readSocialHandle(context: Pick<Context, "requestHeaders">): string {
  const handle = readCookie(context, name);
  return form.test(handle) ? handle : "";
}

/** Sets a handle as a cookie that scripts cannot read. Logins in several tabs of a browser share one. */
export function setSocialHandle(
  context: Pick<Context, "responseHeaders">,
  { handle, lifetimeSeconds, secure }: { handle: string; lifetimeSeconds: number; secure: boolean },
): void {
  setCookie(context, { name, value: handle, path, lifetimeSeconds, secure });
}
