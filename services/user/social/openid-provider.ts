import * as oidc from "openid-client";
import { Failure } from "#kit/contract/failure.ts";
import type { SocialProfile } from "../domain/social.ts";
import { failSocialLogin, socialProviderUnavailable } from "../failures.ts";
import type { SocialProvider } from "./provider.ts";
import { createProviderFetch } from "./provider-fetch.ts";

const metadataLifetimeMs = 3_600_000;
// OpenID Connect allows 255 characters of ASCII. No spaces: the database ignores those at the end when it compares.
const subjectShape = /^[!-~]{1,255}$/;

/** How this service is registered at a provider, and how long it waits for each of its answers. */
interface Registration {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly timeoutMs: number;
}

/** In what providers of OpenID Connect differ. */
export interface Dialect {
  readonly scope: string;
  /** It repeats a nonce in the ID token. */
  readonly hasNonce: boolean;
  /** Parameters of the token call beyond the standard's. */
  tokenParameters?(state: string): Record<string, string>;
  /** Gives an answer of the token endpoint the standard's form. */
  repair?(response: Response): Promise<Response>;
  /** Reads name and verified address from the claims of the ID token, or from elsewhere with `read`. */
  profileOf(claims: oidc.IDToken, read: ReadResource): Promise<SocialProfile>;
}

/** Reads JSON with the access token; `urlOf` makes the address from that of the profile in the metadata. */
type ReadResource = (urlOf: (userInfoUrl: string) => URL) => Promise<unknown>;

/** A provider of OpenID Connect: authorization code with state and PKCE, ID tokens whose signature is verified. */
export function createOpenIdProvider(registration: Registration, dialect: Dialect): SocialProvider {
  const { redirectUri, timeoutMs } = registration;
  const readMetadata = createMetadata(registration);
  let keys: ReturnType<typeof oidc.getJwksCache>;

  async function configure(signal: AbortSignal): Promise<oidc.Configuration> {
    const config = createConfiguration(registration, await readMetadata());
    const call = createProviderFetch(timeoutMs, signal);
    config[oidc.customFetch] = async (url, init) => {
      const response = await call(url, init);
      const isToken = url === config.serverMetadata().token_endpoint;
      return isToken && dialect.repair !== undefined ? dialect.repair(response) : response;
    };
    oidc.enableNonRepudiationChecks(config);
    if (keys !== undefined) {
      oidc.setJwksCache(config, keys);
    }
    return config;
  }

  return {
    async start(state, signal) {
      const config = await configure(signal);
      const codeVerifier = oidc.randomPKCECodeVerifier();
      const nonce = dialect.hasNonce ? oidc.randomNonce() : null;
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: dialect.scope,
        state,
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
        ...(nonce !== null && { nonce }),
      });
      return { authorizationUrl: url.href, codeVerifier, nonce };
    },
    async authenticate({ state, code, iss }, { codeVerifier, nonce }, signal) {
      const config = await configure(signal);
      const url = new URL(redirectUri);
      url.search = new URLSearchParams({ state, code, ...(iss !== "" && { iss }) }).toString();
      const checks = {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        idTokenExpected: true,
        ...(nonce !== null && { expectedNonce: nonce }),
      };
      const parameters = dialect.tokenParameters?.(state) ?? {};
      const tokens = await confirmed(oidc.authorizationCodeGrant(config, url, checks, parameters), signal);
      keys = oidc.getJwksCache(config) ?? keys;
      const claims = tokens.claims();
      if (claims === undefined) {
        throw failSocialLogin(new Error("the provider returned no ID token"));
      }
      if (!subjectShape.test(claims.sub)) {
        throw failSocialLogin(new Error("the subject is not one of OpenID Connect"));
      }
      return {
        subject: claims.sub,
        readProfile: profileSignal =>
          dialect.profileOf(claims, createReader(config, tokens.access_token, timeoutMs, profileSignal)),
      };
    },
  };
}

function createConfiguration(
  { clientId, clientSecret, issuerUrl }: Registration,
  metadata: oidc.ServerMetadata,
): oidc.Configuration {
  const config = new oidc.Configuration(metadata, clientId, clientSecret);
  if (issuerUrl.startsWith("http:")) {
    oidc.allowInsecureRequests(config);
  }
  return config;
}

/** Reads the metadata of the issuer once for all calls, and again after an hour or a failure. */
function createMetadata({ issuerUrl, timeoutMs }: Registration): () => Promise<oidc.ServerMetadata> {
  let metadata: Promise<oidc.ServerMetadata> | undefined;
  let endMs = 0;
  const discover = async () => {
    const options = {
      [oidc.customFetch]: createProviderFetch(timeoutMs, new AbortController().signal),
      ...(issuerUrl.startsWith("http:") && { execute: [oidc.allowInsecureRequests] }),
    };
    try {
      return (
        await oidc.discovery(new URL(issuerUrl), "unused", undefined, undefined, options)
      ).serverMetadata();
    } catch (error) {
      metadata = undefined;
      throw failureIn(error) ?? socialProviderUnavailable(withoutDetails(error));
    }
  };
  return () => {
    if (metadata === undefined || endMs < performance.now()) {
      endMs = performance.now() + metadataLifetimeMs;
      metadata = discover();
    }
    return metadata;
  };
}

/** What a provider answers is its word on the user, unless it says that this service is not registered properly. */
async function confirmed<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    signal.throwIfAborted();
    const isOurFault = error instanceof oidc.ResponseBodyError && error.error === "invalid_client";
    const failure = isOurFault ? socialProviderUnavailable : failSocialLogin;
    throw failureIn(error) ?? failure(withoutDetails(error));
  }
}

/** The library wraps what a call throws. */
function failureIn(error: unknown): Failure | undefined {
  const cause = error instanceof oidc.ClientError ? error.cause : error;
  return cause instanceof Failure ? cause : undefined;
}

function createReader(
  config: oidc.Configuration,
  accessToken: string,
  timeoutMs: number,
  signal: AbortSignal,
): ReadResource {
  return async urlOf => {
    const url = urlOf(config.serverMetadata().userinfo_endpoint ?? "");
    const call = createProviderFetch(timeoutMs, signal);
    const headers = { authorization: `Bearer ${accessToken}`, accept: "application/json" };
    const init = { method: "GET", headers, body: null, redirect: "manual" } as const;
    const response = await call(url.href, init);
    if (!response.ok) {
      throw failSocialLogin(new Error(`${url.pathname}: status ${response.status}`));
    }
    return response.json().catch(() => undefined);
  };
}

/** Errors of the library carry claims and answers, which are personal; the log gets what went wrong alone. */
function withoutDetails(error: unknown): Error {
  const { code, error: answer } = error as { code?: unknown; error?: unknown };
  const text = error instanceof Error ? error.message : "failed";
  return new Error([text, code, answer].filter(part => typeof part === "string").join(", "));
}
