import { type JWTPayload, type JWTVerifyOptions, jwtVerify, type SignJWT } from "jose";

/** Signs tokens (HS256) that only this service reads. */
interface JwtSecrets {
  sign(jwt: SignJWT, typ: string): Promise<string>;
  /** What a token claims; undefined for one that is forged, expired, or was signed for something else. */
  verify(token: string, options: JWTVerifyOptions): Promise<JWTPayload | undefined>;
}

/** The first secret signs, any of them verifies, so that one can replace the other. */
export function createJwtSecrets(secrets: readonly [string, ...string[]]): JwtSecrets {
  const encoder = new TextEncoder();
  const [first] = secrets;
  const keys = secrets.map(secret => encoder.encode(secret));
  return {
    sign: (jwt, typ) => jwt.setProtectedHeader({ alg: "HS256", typ }).sign(encoder.encode(first)),
    async verify(token, options) {
      const tried = keys.map(key => jwtVerify(token, key, { ...options, algorithms: ["HS256"] }));
      return (await Promise.any(tried).catch(() => undefined))?.payload;
    },
  };
}
