import { SignJWT } from "jose";
import type { SigningKeys } from "./signing-keys.ts";

/** What an access token says of its user. */
export interface AccessClaims {
  readonly userId: bigint;
  readonly role: "USER" | "ADMIN";
}

/** Signs an access token. */
export type AccessTokenSigner = (claims: AccessClaims) => Promise<{ token: string; expireTime: Date }>;

/** Makes a signer of JWTs (RS256, `typ` at+jwt). */
export function createAccessTokenSigner(
  { kid, privateKey }: SigningKeys,
  { issuer, audience, lifetimeSeconds }: { issuer: string; audience: string; lifetimeSeconds: number },
): AccessTokenSigner {
  return async ({ userId, role }) => {
    const issueSeconds = Math.floor(Date.now() / 1000);
    const expireSeconds = issueSeconds + lifetimeSeconds;
    const token = await new SignJWT({ role })
      .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(userId.toString())
      .setJti(crypto.randomUUID())
      .setIssuedAt(issueSeconds)
      .setExpirationTime(expireSeconds)
      .sign(privateKey);
    return { token, expireTime: new Date(expireSeconds * 1000) };
  };
}
