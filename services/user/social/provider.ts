import type { SocialLogin, SocialProfile } from "../domain/social.ts";

/** What the provider appended to the address to which it sent a user back. */
interface Callback {
  readonly state: string;
  readonly code: string;
  /** Empty for none. */
  readonly iss: string;
}

/** A user whom a provider has authenticated. */
export interface Authenticated {
  readonly subject: string;
  /** Reads what else the provider tells; asks it again where it has to. */
  readProfile(signal: AbortSignal): Promise<SocialProfile>;
}

/**
 * An identity provider. Throws FAIL_SOCIAL_LOGIN where it does not confirm who the user is, and
 * SOCIAL_PROVIDER_UNAVAILABLE where it does not answer.
 */
export interface SocialProvider {
  /** Prepares a login: the address of the provider's page, and the secrets with which its answer is checked. */
  start(state: string, signal: AbortSignal): Promise<StartedLogin>;
  /** Exchanges the code for an identity. A code works once. */
  authenticate(
    callback: Callback,
    login: Pick<SocialLogin, "codeVerifier" | "nonce">,
    signal: AbortSignal,
  ): Promise<Authenticated>;
}

/** The start of a login. */
interface StartedLogin extends Pick<SocialLogin, "codeVerifier" | "nonce"> {
  readonly authorizationUrl: string;
}
