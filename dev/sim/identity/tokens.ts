import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { json, type Reply } from "./http.ts";
import type { People, Step } from "./people.ts";
import type { Client, Consent, Provider, TokenRefusal } from "./provider.ts";

const codeLifetimeMs = 600_000;
const maxStored = 10_000;
const idTokenSeconds = 3600;

/** Signs ID tokens with a key that its JWKS shows. */
export type SigningKey = Awaited<ReturnType<typeof createSigningKey>>;

export async function createSigningKey() {
  const [key, unknownKey] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const kid = randomBytes(8).toString("hex");
  return {
    kid,
    privateKey: key.privateKey,
    /** Does not belong to the public key. */
    forgedKey: unknownKey.privateKey,
    jwks: { keys: [{ ...(await exportJWK(key.publicKey)), kid, alg: "RS256", use: "sig" }] },
  };
}

interface TokenDeps {
  readonly provider: Provider;
  readonly client: Client;
  readonly people: People;
  readonly key: SigningKey;
}

/** Codes, and what they are exchanged for. */
export function createTokens(deps: TokenDeps) {
  const { provider, people } = deps;
  const codes = createStore<Consent & { readonly endMs: number }>();
  const accessTokens = createStore<Consent>();

  async function exchange(form: Readonly<Record<string, string>>): Promise<Reply> {
    const { code = "" } = form;
    const consent = codes.get(code);
    const disturbed = consent && (await disturb(people.takeStep(consent.person, "token")));
    if (disturbed !== undefined) {
      return disturbed;
    }
    const reason = refusalOf(deps, form, consent);
    if (reason !== undefined || consent === undefined) {
      return provider.refuseToken(reason ?? "wrongCode", code);
    }
    codes.delete(code);
    const accessToken = accessTokens.add(consent);
    const idToken = await signIdToken(deps, consent);
    return json(provider.tokenAnswer({ accessToken, idToken, scopes: consent.scopes }));
  }

  async function profile(authorization: string | undefined, answer: (consent: Consent) => object) {
    const [, token = ""] = /^Bearer (\S+)$/i.exec(authorization ?? "") ?? [];
    const consent = accessTokens.get(token);
    if (consent === undefined) {
      return provider.refuseProfile();
    }
    return (await disturb(people.takeStep(consent.person, "profile"))) ?? json(answer(consent));
  }

  return {
    issueCode: (consent: Consent) => codes.add({ ...consent, endMs: Date.now() + codeLifetimeMs }),
    exchange,
    profile,
  };
}

function refusalOf(
  { client: { clientId, clientSecret }, provider }: TokenDeps,
  form: Readonly<Record<string, string>>,
  consent: (Consent & { readonly endMs: number }) | undefined,
): TokenRefusal | undefined {
  if (form.client_id !== clientId || !isSame(form.client_secret ?? "", clientSecret)) {
    return "wrongClient";
  }
  const lacksState = provider.needsState && !form.state;
  if (form.grant_type !== "authorization_code" || !form.code || lacksState) {
    return "wrongRequest";
  }
  if (consent === undefined || consent.endMs < Date.now()) {
    return "wrongCode";
  }
  if (form.redirect_uri !== consent.redirectUri) {
    return "wrongRedirect";
  }
  const challenge = form.code_verifier && createHash("sha256").update(form.code_verifier).digest("base64url");
  return challenge === consent.codeChallenge ? undefined : "wrongVerifier";
}

/** What a step does to a call; undefined where the call goes on. */
async function disturb(step: Step | undefined): Promise<Reply | undefined> {
  if (step === undefined) {
    return undefined;
  }
  if ("delayMs" in step) {
    await delay(step.delayMs, undefined, { ref: false });
    return undefined;
  }
  return "drop" in step ? "drop" : json({ error: "temporarily_unavailable" }, step.status);
}

function signIdToken({ provider, people, key }: TokenDeps, consent: Consent): Promise<string> {
  const { nonce, audience, issuer, isExpired, isForged } = people.faultsOf(consent.person).idToken;
  const nowSeconds = Math.floor(Date.now() / 1000) - (isExpired ? 2 * idTokenSeconds : 0);
  const sentNonce = provider.hasNonce ? (nonce ?? consent.nonce) : undefined;
  const claims = { ...provider.idTokenClaims(consent), ...(sentNonce !== undefined && { nonce: sentNonce }) };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: key.kid })
    .setIssuer(issuer ?? provider.issuer)
    .setAudience(audience ?? consent.clientId)
    .setSubject(consent.person.subject)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + idTokenSeconds)
    .sign(isForged ? key.forgedKey : key.privateKey);
}

function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** Values by a random name; the oldest gives way. */
function createStore<T>() {
  const values = new Map<string, T>();
  return {
    add(value: T): string {
      const oldest = values.keys().next().value;
      if (values.size >= maxStored && oldest !== undefined) {
        values.delete(oldest);
      }
      const name = randomBytes(24).toString("base64url");
      values.set(name, value);
      return name;
    },
    get: (name: string) => values.get(name),
    delete: (name: string) => values.delete(name),
  };
}
