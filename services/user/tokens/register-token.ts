import { SignJWT } from "jose";
import * as z from "zod";
import { type SocialIdentity, socialProviders } from "../domain/social.ts";
import { createJwtSecrets } from "./jwt-secrets.ts";

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

/** Creates the tokens, with secrets that all replicas share. */
export function createRegisterTokens(secrets: readonly [string, ...string[]]): RegisterTokens {
  const { sign, verify } = createJwtSecrets(secrets);
  return {
    async sign({ provider, subject, email }) {
      const expireSeconds = Math.floor(Date.now() / 1000) + lifetimeSeconds;
      const jwt = new SignJWT({ provider, email }).setSubject(subject).setExpirationTime(expireSeconds);
      const token = await sign(jwt, type);
      return { token, expireTime: new Date(expireSeconds * 1000) };
    },
    async verify(token) {
      const parsed = claims.safeParse(await verify(token, { typ: type, requiredClaims: ["exp"] }));
      return parsed.success
        ? { provider: parsed.data.provider, subject: parsed.data.sub, email: parsed.data.email }
        : undefined;
    },
  };
}
