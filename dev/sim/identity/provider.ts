import type { Reply } from "./http.ts";
import type { Person, ProviderName } from "./people.ts";

/** Turns the address of a real provider into that of the simulator: the host becomes the first segment of the path. */
export type LocalUrl = (realUrl: string) => string;

/** The client that is registered at every provider. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
}

/** A consent: who agreed to what, for which client. */
export interface Consent {
  readonly person: Person;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
}

/** The tokens of a consent. */
interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly scopes: readonly string[];
}

/** Why the token endpoint refuses. */
export type TokenRefusal = "wrongClient" | "wrongCode" | "wrongRedirect" | "wrongVerifier" | "wrongRequest";

/** In what a provider differs from the others. */
export interface Provider {
  readonly name: ProviderName;
  readonly title: string;
  readonly issuer: string;
  /** The document of OpenID Connect Discovery. */
  readonly metadata: {
    readonly authorization_endpoint: string;
    readonly token_endpoint: string;
    readonly jwks_uri: string;
    readonly [more: string]: unknown;
  };
  /** Repeats `nonce` in the ID token. */
  readonly hasNonce: boolean;
  /** Wants the state with the code. */
  readonly needsState?: boolean;
  /** Parameters that it adds when it sends a person back with a code. */
  readonly callbackParams?: Readonly<Record<string, string>>;
  idTokenClaims(consent: Consent): object;
  tokenAnswer(tokens: Tokens): object;
  refuseToken(reason: TokenRefusal, code: string): Reply;
  /** Addresses that tell who the person of an access token is. */
  readonly profiles: Readonly<Record<string, (consent: Consent) => object>>;
  refuseProfile(): Reply;
  /** The text of `error_description` where a person refuses. */
  readonly refusalText: string | undefined;
}
