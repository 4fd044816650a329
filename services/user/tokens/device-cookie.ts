import { SignJWT } from "jose";
import type { Context } from "#kit/contract/context.ts";
import { authPath, readCookie, setCookie } from "./cookies.ts";
import { createJwtSecrets } from "./jwt-secrets.ts";

const name = "qc_device";
const type = "device+jwt";
// Browsers keep no cookie for longer.
const lifetimeSeconds = 400 * 86_400;

/**
 * Knows the browsers in which a user has signed in, by a signed cookie that says nothing but that. It opens nothing:
 * wrong passwords of a known device are counted apart from all others.
 */
export interface Devices {
  /** The id of the calling device, where this user has signed in on it. */
  recognize(context: Pick<Context, "requestHeaders">, userId: bigint): Promise<string | undefined>;
  /** Makes the calling device known as one of this user; a known one keeps its id. */
  remember(context: Pick<Context, "requestHeaders" | "responseHeaders">, userId: bigint): Promise<void>;
}

/** Creates the cookies, with secrets that all replicas share. */
export function createDevices({ secrets, secure }: DeviceOptions): Devices {
  const { sign, verify } = createJwtSecrets(secrets);
  const recognize: Devices["recognize"] = async (context, userId) => {
    const options = { typ: type, subject: userId.toString(), requiredClaims: ["jti", "exp"] };
    return (await verify(readCookie(context, name), options))?.jti;
  };
  return {
    recognize,
    async remember(context, userId) {
      const deviceId = (await recognize(context, userId)) ?? crypto.randomUUID();
      const value = await sign(
        new SignJWT().setSubject(userId.toString()).setJti(deviceId).setExpirationTime(`${lifetimeSeconds}s`),
        type,
      );
      setCookie(context, { name, value, path: authPath, lifetimeSeconds, secure });
    },
  };
}

interface DeviceOptions {
  readonly secrets: readonly [string, ...string[]];
  readonly secure: boolean;
}
