import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import type { Stack } from "#dev/stack/stack.ts";
import { serviceNames } from "#kit/contract/contracts.ts";

const issuer = "https://questioncloud.example";
const audience = "questioncloud";
const serviceIssuer = "questioncloud-services";

/** The claims of an access token; all others are those of the user service. */
interface AccessClaims {
  readonly userId?: bigint | string;
  readonly role?: "USER" | "ADMIN";
  readonly issuer?: string;
  readonly audience?: string;
  readonly type?: string;
  readonly lifetimeSeconds?: number;
}

/** An access token signed with the real key of the stack. */
export async function signAccessToken(stack: Stack, claims: AccessClaims = {}): Promise<string> {
  const { kid, ...jwk } = readSigningKey(stack);
  return accessToken(claims)
    .setProtectedHeader({ alg: "RS256", typ: claims.type ?? "at+jwt", kid: kid ?? "" })
    .sign(await importJWK({ ...jwk, alg: "RS256" }));
}

/** Access tokens that no service may accept, by what is wrong with them. Everything else about them is right. */
export async function forgeAccessTokens(stack: Stack, userId: bigint): Promise<Record<string, string>> {
  const jwk = readSigningKey(stack);
  const kid = jwk.kid ?? "";
  const ours = (header: JWTHeaderParameters, key: CryptoKey | Uint8Array) =>
    accessToken({ userId, role: "ADMIN" })
      .setProtectedHeader({ typ: "at+jwt", ...header })
      .sign(key);
  const unknown = await generateKeyPair("RS256");
  const good = await signAccessToken(stack, { userId });
  const [head, body, signature] = good.split(".");
  return {
    "is garbage": "garbage",
    "has three parts of garbage": "a.b.c",
    "has expired": await signAccessToken(stack, { userId, lifetimeSeconds: -120 }),
    "names no user": await signAccessToken(stack, { userId: "seven" }),
    "is for another audience": await signAccessToken(stack, { userId, audience: "elsewhere" }),
    "comes from another issuer": await signAccessToken(stack, {
      userId,
      issuer: "https://elsewhere.example",
    }),
    "is signed by another key": await ours({ alg: "RS256", kid }, unknown.privateKey),
    "brings its own key": await ours(
      { alg: "RS256", jwk: await exportJWK(unknown.publicKey) },
      unknown.privateKey,
    ),
    "says where its key is": await ours(
      { alg: "RS256", jku: "https://elsewhere.example/jwks", x5u: "https://elsewhere.example/cert" },
      unknown.privateKey,
    ),
    "says where its key is and names ours": await ours(
      { alg: "RS256", kid, jku: "https://elsewhere.example/jwks" },
      unknown.privateKey,
    ),
    "is not signed": new UnsecuredJWT({ role: "ADMIN" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(userId.toString())
      .setJti(crypto.randomUUID())
      .setExpirationTime("5m")
      .encode(),
    "takes the public key for a secret": await ours({ alg: "HS256", kid }, publicPem(jwk)),
    "was changed after it was signed": `${head}.${withRole(body ?? "", "ADMIN")}.${signature}`,
  };
}

/** The claims of a service token. */
interface ServiceClaims {
  /** The service whose key signs. */
  readonly signer: string;
  readonly callee: string;
  /** The service that the token names; by default the signer. */
  readonly subject?: string;
  readonly userId?: bigint | string;
  readonly lifetimeSeconds?: number;
}

/** A service token signed with a real key of the stack. */
export async function signServiceToken(stack: Stack, claims: ServiceClaims): Promise<string> {
  return serviceToken(claims)
    .setProtectedHeader({ alg: "ES256", kid: claims.signer })
    .sign(await importJWK(readServiceKey(stack, claims.signer), "ES256"));
}

/** Service tokens that `callee` must not accept from `caller`, by what is wrong with them. */
export async function forgeServiceTokens(
  stack: Stack,
  { caller, callee }: { caller: string; callee: string },
): Promise<Record<string, string>> {
  const elsewhere = serviceNames.find(name => name !== callee) ?? "";
  const unknown = await generateKeyPair("ES256");
  const ours = (alg: string, key: CryptoKey | Uint8Array) =>
    serviceToken({ signer: caller, callee }).setProtectedHeader({ alg, kid: caller }).sign(key);
  const other = serviceNames.find(name => name !== caller) ?? "";
  const good = { signer: caller, callee };
  return {
    "is garbage": "garbage",
    "is valid for years": await signServiceToken(stack, { ...good, lifetimeSeconds: 94_608_000 }),
    "names a user by no id": await signServiceToken(stack, { ...good, userId: "seven" }),
    "is for another service": await signServiceToken(stack, { ...good, callee: elsewhere }),
    "has expired": await signServiceToken(stack, { ...good, lifetimeSeconds: -60 }),
    "is signed by an unknown key": await ours("ES256", unknown.privateKey),
    "is signed by another service in this one's name": await signServiceToken(stack, {
      signer: other,
      subject: caller,
      callee,
    }),
    "is not signed": new UnsecuredJWT()
      .setIssuer(serviceIssuer)
      .setAudience(callee)
      .setSubject(caller)
      .setExpirationTime("1m")
      .encode(),
    "takes the public key for a secret": await ours("HS256", publicPem(readServiceKey(stack, caller))),
  };
}

function accessToken(claims: AccessClaims): SignJWT {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ role: claims.role ?? "USER" } satisfies JWTPayload)
    .setIssuer(claims.issuer ?? issuer)
    .setAudience(claims.audience ?? audience)
    .setSubject((claims.userId ?? 1n).toString())
    .setJti(crypto.randomUUID())
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + (claims.lifetimeSeconds ?? 300));
}

function serviceToken({
  signer,
  subject = signer,
  callee,
  userId,
  lifetimeSeconds = 60,
}: ServiceClaims): SignJWT {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT(userId === undefined ? {} : { uid: userId.toString() })
    .setIssuer(serviceIssuer)
    .setSubject(subject)
    .setAudience(callee)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + lifetimeSeconds);
}

function publicPem(jwk: JWK): Buffer {
  const { kty = "", n, e, crv, x, y } = jwk;
  const known = Object.entries({ kty, n, e, crv, x, y }).filter(([, part]) => part !== undefined);
  const key = createPublicKey({ key: Object.fromEntries(known), format: "jwk" });
  return Buffer.from(key.export({ format: "pem", type: "spki" }));
}

function withRole(body: string, role: string): string {
  const payload = JSON.parse(Buffer.from(body, "base64url").toString()) as JWTPayload;
  return Buffer.from(JSON.stringify({ ...payload, role })).toString("base64url");
}

function readSigningKey(stack: Stack): JWK {
  const file = stack.env.USER_SIGNING_KEYS_FILE ?? "";
  const { keys } = JSON.parse(readFileSync(file, "utf8")) as { keys: (JWK & { use_for?: string })[] };
  return keys.find(key => key.use_for === "sign") ?? {};
}

function readServiceKey(stack: Stack, service: string): JWK {
  return JSON.parse(readFileSync(join(stack.dir, "keys", `${service}.jwk`), "utf8")) as JWK;
}
