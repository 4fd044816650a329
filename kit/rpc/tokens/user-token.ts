import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { Caller } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import { createKnownTokens } from "#kit/rpc/tokens/known-tokens.ts";
import { leewaySeconds, userIdIn } from "#kit/rpc/tokens/token-claims.ts";

type User = Extract<Caller, { kind: "user" }>;

/** Turns an access token into the caller it proves; throws UNAUTHORIZED_TOKEN. */
export type UserTokenVerifier = (token: string) => Promise<User>;

interface UserTokenOptions {
  /** Where the public keys are published, or a key lookup. */
  readonly keys: URL | JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  /** How old the list of published keys may get before it is read again. */
  readonly refreshMs?: number;
}

/** Verifies access tokens by the published keys. */
export function createUserTokenVerifier(options: UserTokenOptions): UserTokenVerifier {
  const { keys, issuer, audience, refreshMs = Number.POSITIVE_INFINITY } = options;
  const keyOf = keys instanceof URL ? publishedKeys(keys, refreshMs) : keys;
  const seen = createKnownTokens<User>();
  const verify = async (token: string) => {
    const { payload } = await jwtVerify(token, keyOf, {
      issuer,
      audience,
      algorithms: ["RS256"],
      typ: "at+jwt",
      requiredClaims: ["sub", "jti", "exp"],
      clockTolerance: leewaySeconds,
    }).catch(refuse);
    const caller = {
      kind: "user",
      userId: userIdIn(payload.sub),
      role: payload.role === "ADMIN" ? "ADMIN" : "USER",
    } as const;
    const leftMs = ((payload.exp ?? 0) + leewaySeconds) * 1000 - Date.now();
    // Not until its end: its key may be withdrawn.
    seen.set(token, caller, Math.min(leftMs, refreshMs));
    return caller;
  };
  return token => {
    const known = seen.get(token);
    return known === undefined ? verify(token) : Promise.resolve(known);
  };
}

/**
 * The keys at an address: read when they are needed, again for a key that is not among them, and in the background
 * once the list is as old as `refreshMs`. While it cannot be read, the known keys do for ten minutes.
 */
function publishedKeys(url: URL, refreshMs: number): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, { cooldownDuration: 1000, timeoutDuration: 2000 });
  let refreshAtMs = performance.now() + refreshMs;
  return (header, token) => {
    if (performance.now() >= refreshAtMs) {
      refreshAtMs = performance.now() + refreshMs;
      // What needs the keys says so itself.
      keys.reload().catch(() => {});
    }
    return keys(header, token);
  };
}

function refuse(error: unknown): never {
  const tokenIsBad = error instanceof errors.JOSEError && !areKeysUnavailable(error);
  throw new Failure(tokenIsBad ? Reason.UNAUTHORIZED_TOKEN : Reason.SERVICE_UNAVAILABLE, { cause: error });
}

// Without the keys a token can be neither accepted nor refused. For an answer that is no key set jose throws its base
// error.
function areKeysUnavailable(error: errors.JOSEError): boolean {
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === errors.JOSEError.code
  );
}
