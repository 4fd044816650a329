/** The identity providers with which users can log in. */
export const socialProviders = ["KAKAO", "GOOGLE", "NAVER"] as const;
export type SocialProviderName = (typeof socialProviders)[number];

/** An account at an identity provider, by the provider's name for it. */
export interface SocialIdentity {
  readonly provider: SocialProviderName;
  readonly subject: string;
}

/** An identity that is linked to a user. */
export interface SocialAccount extends SocialIdentity {
  readonly userId: bigint;
  readonly createTime: Date;
}

/** A login between its start and the answer of the provider. */
export interface SocialLogin {
  readonly provider: SocialProviderName;
  /** Whose account is to be linked; null for a login. */
  readonly userId: bigint | null;
  readonly codeVerifier: string;
  /** Null where the provider has none. */
  readonly nonce: string | null;
}

/** What a provider tells about an identity. */
export interface SocialProfile {
  /** Empty for none. */
  readonly name: string;
  /** Normalized; undefined unless the provider has verified it. */
  readonly email: string | undefined;
}

/** An address with most of it hidden: its owner recognizes it, and others learn little. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  const shown = Array.from(email.slice(0, at)).slice(0, at > 3 ? 2 : 1);
  return `${shown.join("")}***${email.slice(at)}`;
}
