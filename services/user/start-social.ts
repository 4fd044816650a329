import { SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { Context } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { insertSocialLogin } from "./db/social-logins.ts";
import { type SocialProviderName, socialProviders } from "./domain/social.ts";
import { socialProviderOff } from "./failures.ts";
import { createSocialHandle, readSocialHandle, setSocialHandle } from "./tokens/social-cookie.ts";

interface Start {
  readonly provider: SocialProvider;
  readonly useCookie: boolean;
  /** Whose account is to be linked; null for a login. */
  readonly userId: bigint | null;
}

/** Starts a social login or a link. Returns the address of the provider's page, and the handle if it is no cookie. */
export async function startSocial(
  { database, socialProviders: clients, config }: StartDependencies,
  { provider, useCookie, userId }: Start,
  context: Context,
): Promise<{ authorizationUrl: string; handle: string }> {
  const name = providerName(provider);
  const client = clients.get(name);
  if (client === undefined) {
    throw socialProviderOff();
  }
  const state = createSocialHandle();
  const handle = (useCookie && readSocialHandle(context)) || createSocialHandle();
  const { authorizationUrl, ...secrets } = await client.start(state, context.signal);
  const { loginSeconds: lifetimeSeconds } = config.social;
  await insertSocialLogin(database, { provider: name, userId, state, handle, ...secrets, lifetimeSeconds });
  if (useCookie) {
    setSocialHandle(context, { handle, lifetimeSeconds, secure: config.sessions.secureCookie });
  }
  return { authorizationUrl, handle: useCookie ? "" : handle };
}

/** The name of a provider in the contract's enum. */
export function providerName(provider: SocialProvider): SocialProviderName {
  const name = socialProviders.find(each => SocialProvider[each] === provider);
  if (name === undefined) {
    throw new Error(`the contract has a provider ${provider} that is unknown here`);
  }
  return name;
}

export type StartDependencies = Pick<App, "database" | "socialProviders" | "config">;
