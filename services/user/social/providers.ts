import type { Metrics } from "#kit/process/metrics.ts";
import type { UserConfig } from "../config.ts";
import { type SocialProviderName, socialProviders } from "../domain/social.ts";
import { google } from "./google.ts";
import { kakao } from "./kakao.ts";
import { measureProvider } from "./measure-provider.ts";
import { naver } from "./naver.ts";
import { createOpenIdProvider } from "./openid-provider.ts";
import type { SocialProvider } from "./provider.ts";

/** The identity providers at which this service is registered. */
export type SocialProviders = ReadonlyMap<SocialProviderName, SocialProvider>;

const dialects = { KAKAO: kakao, GOOGLE: google, NAVER: naver };

/** Creates those that are configured. Each has a page of its own to return to, so that none can answer for another. */
export function createSocialProviders(
  { social: { timeoutMs, providers }, siteUrl }: Pick<UserConfig, "social" | "siteUrl">,
  metrics: Metrics,
): SocialProviders {
  const created = new Map<SocialProviderName, SocialProvider>();
  for (const name of socialProviders) {
    const { clientId, clientSecret, issuerUrl } = providers[name];
    if (clientId !== undefined && clientSecret !== undefined) {
      const redirectUri = `${siteUrl}/login/${name.toLowerCase()}`;
      const registration = { issuerUrl, clientId, clientSecret, redirectUri, timeoutMs };
      const provider = createOpenIdProvider(registration, dialects[name]);
      created.set(name, measureProvider(name, provider, metrics));
    }
  }
  return created;
}
