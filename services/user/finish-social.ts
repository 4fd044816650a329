import type { SocialCallback } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { Context } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { takeSocialLogin } from "./db/social-logins.ts";
import type { SocialIdentity } from "./domain/social.ts";
import { failSocialLogin, socialConsentRefused } from "./failures.ts";
import type { Authenticated } from "./social/provider.ts";
import { providerName } from "./start-social.ts";
import { readSocialHandle } from "./tokens/social-cookie.ts";

/**
 * Uses up a login that this browser started, for this user where it is a link, and asks the provider who came back.
 * The login is over before the provider is asked, so that it is used once whatever the answer.
 */
export async function finishSocial(
  { database, socialProviders }: FinishDependencies,
  { state, code, error, iss, handle, ...callback }: SocialCallback,
  userId: bigint | null,
  context: Context,
): Promise<SocialIdentity & Authenticated> {
  const provider = providerName(callback.provider);
  const secrets = { state, handle: handle === "" ? readSocialHandle(context) : handle };
  const login = await takeSocialLogin(database, { ...secrets, provider, userId });
  const client = socialProviders.get(provider);
  if (login === undefined || client === undefined) {
    throw failSocialLogin(new Error("there is no such login"));
  }
  if (error === "access_denied") {
    throw socialConsentRefused();
  }
  if (error !== "" || code === "") {
    throw failSocialLogin(new Error(`the provider sent an error: ${error}`));
  }
  return { provider, ...(await client.authenticate({ state, code, iss }, login, context.signal)) };
}

export type FinishDependencies = Pick<App, "database" | "socialProviders">;
