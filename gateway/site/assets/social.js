import { call, read } from "./api.js";
import { callAs } from "./session.js";

/** The method that logs in, registers and links with accounts at identity providers. */
export const social = "questioncloud.user.v1.SocialAccountService";

/** The names of the providers, for people. */
export const titles = {
  SOCIAL_PROVIDER_KAKAO: "카카오",
  SOCIAL_PROVIDER_GOOGLE: "Google",
  SOCIAL_PROVIDER_NAVER: "네이버",
};

const purposeKey = "social_purpose";

/** The providers that are offered. */
export async function listProviders() {
  const { providers = [] } = await read(`${social}/ListSocialProviders`, {});
  return providers.filter(provider => titles[provider]);
}

/** Leaves for the provider's page to log in. */
export async function startLogin(provider) {
  leave("login", await call(`${social}/StartSocialLogin`, { provider, useCookie: true }));
}

/**
 * Leaves for the provider's page to link an account there to the one of the user who is signed in, and proves by a
 * password or a mailed token who that is.
 */
export async function startLink(provider, proof) {
  leave("link", await callAs(`${social}/StartSocialLink`, { provider, useCookie: true, ...proof }));
}

function leave(purpose, { authorizationUrl }) {
  sessionStorage.setItem(purposeKey, purpose);
  location.assign(authorizationUrl);
}

/** Whether this tab has left to link an account; asked once. */
export function isLink() {
  const purpose = sessionStorage.getItem(purposeKey);
  sessionStorage.removeItem(purposeKey);
  return purpose === "link";
}
