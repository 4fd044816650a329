import { jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import { type SocialIdentity, socialProviders } from "../domain/social.ts";

const type = "social-register+jwt";
const lifetimeSeconds = 600;

/** An identity without an account, and the address that its provider has verified. */
interface Registrant extends SocialIdentity {
  readonly email: string;
}

const claims = z.object({ provider: z.enum(socialProviders), sub: z.string(), email: z.string() });

/** Signed proofs of a social login, with which an account can be created for ten minutes. */
export interface RegisterTokens {
  sign(registrant: Registrant): Promise<{ token: string; expireTime: Date }>;
  /** Undefined for a token that is forged, expired, or was signed for something else. */
  verify(token: string): Promise<Registrant | undefined>;
}

/** Creates the tokens, with a secret that all replicas share. */
export function createRegisterTokens(secret: string): RegisterTokens {
  const key = new TextEncoder().encode(secret);
  return {
    async sign({ provider, subject, email }) {
      const expireSeconds = Math.floor(Date.now() / 1000) + lifetimeSeconds;
      const token = await new SignJWT({ provider, email })
        .setProtectedHeader({ alg: "HS256", typ: type })
        .setSubject(subject)
        .setExpirationTime(expireSeconds)
        .sign(key);
      return { token, expireTime: new Date(expireSeconds * 1000) };
    },
    async verify(token) {
      const options = { algorithms: ["HS256"], typ: type, requiredClaims: ["exp"] };
      const verified = await jwtVerify(token, key, options).catch(() => undefined);
      const parsed = claims.safeParse(verified?.payload);
      return parsed.success
        ? { provider: parsed.data.provider, subject: parsed.data.sub, email: parsed.data.email }
        : undefined;
    },
  };
}
