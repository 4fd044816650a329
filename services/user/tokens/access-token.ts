import { SignJWT } from "jose";
import type { User } from "../domain/user.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Signs an access token for a user. */
export type AccessTokenSigner = (
  user: Pick<User, "userId" | "role">,
) => Promise<{ token: string; expireTime: Date }>;

/** Creates a signer of JWTs (RS256, `typ` at+jwt). */
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
