import { createLocalJWKSet, importJWK, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from "jose";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { Caller } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import { createExpiringMap } from "#kit/process/expiring-map.ts";
import { createKnownTokens } from "#kit/rpc/tokens/known-tokens.ts";
import { leewaySeconds, userIdIn } from "#kit/rpc/tokens/token-claims.ts";

/** The request header that carries a service token. */
export const serviceTokenHeader = "x-service-token";

const issuer = "questioncloud-services";
const lifetimeSeconds = 60;
const reuseMs = lifetimeSeconds * 500;
// A stolen token, or one made for longer by mistake, ends soon.
const maxLifetimeSeconds = 300;
const cachedTokens = 10_000;

/** Proves to one callee which service calls, and on behalf of which user. */
export type ServiceTokenSigner = (callee: string, userId: bigint | undefined) => Promise<string>;

/**
 * Signs with the service's own private key, a JWK. A token is used for half of its life, and not after the clock was
 * set: its times are those of the clock before.
 */
export async function createServiceTokenSigner(
  service: string,
  privateKey: JWK,
): Promise<ServiceTokenSigner> {
  const { kid = service } = privateKey;
  if (!isKeyOf(service, kid)) {
    throw new Error(`the key ${kid} does not belong to ${service}`);
  }
  const key = await importJWK(privateKey, "ES256");
  const signed = createExpiringMap<string, { token: Promise<string>; issueMs: number }>(cachedTokens);
  return (callee, userId) => {
    const name = `${callee} ${userId ?? ""}`;
    const known = signed.get(name);
    const issueMs = Date.now();
    if (known !== undefined && known.issueMs <= issueMs && issueMs < known.issueMs + reuseMs) {
      return known.token;
    }
    const token = new SignJWT(userId === undefined ? {} : { uid: userId.toString() })
      .setProtectedHeader({ alg: "ES256", kid })
      .setIssuer(issuer)
      .setSubject(service)
      .setAudience(callee)
      .setIssuedAt()
      .setExpirationTime(`${lifetimeSeconds}s`)
      .sign(key);
    signed.set(name, { token, issueMs }, reuseMs);
    return token;
  };
}

type Service = Extract<Caller, { kind: "service" }>;

/** Turns a service token into the caller it proves; throws UNAUTHORIZED_TOKEN. */
export type ServiceTokenVerifier = (token: string) => Promise<Service>;

/** Verifies tokens that were made for `service`, by the keys of all services. */
export function createServiceTokenVerifier(service: string, publicKeys: JSONWebKeySet): ServiceTokenVerifier {
  const keys = createLocalJWKSet(publicKeys);
  const seen = createKnownTokens<Service>();
  const verify = async (token: string) => {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer,
      audience: service,
      algorithms: ["ES256"],
      requiredClaims: ["sub", "iat", "exp"],
      clockTolerance: leewaySeconds,
    }).catch((cause: unknown) => {
      throw new Failure(Reason.UNAUTHORIZED_TOKEN, { cause });
    });
    const { sub, uid, iat = 0, exp = Number.POSITIVE_INFINITY } = payload;
    if (sub === undefined || !isKeyOf(sub, protectedHeader.kid ?? "") || !isShortLived(iat, exp)) {
      throw new Failure(Reason.UNAUTHORIZED_TOKEN);
    }
    const userId = uid === undefined ? undefined : userIdIn(uid);
    const caller = { kind: "service", service: sub, userId } as const;
    seen.set(token, caller, (exp + leewaySeconds) * 1000 - Date.now());
    return caller;
  };
  return token => {
    const known = seen.get(token);
    return known === undefined ? verify(token) : Promise.resolve(known);
  };
}

/** The `kid` of a key is the name of its service; to have two while one replaces the other, a suffix follows a dot. */
function isKeyOf(service: string, kid: string): boolean {
  return kid === service || kid.startsWith(`${service}.`);
}

function isShortLived(issueSeconds: number, expireSeconds: number): boolean {
  const leftSeconds = expireSeconds - Date.now() / 1000;
  return (
    expireSeconds - issueSeconds <= maxLifetimeSeconds && leftSeconds <= maxLifetimeSeconds + leewaySeconds
  );
}
