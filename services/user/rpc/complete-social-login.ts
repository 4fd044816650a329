import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { Context } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findSocialAccount } from "../db/social-accounts.ts";
import { findUserByEmail, lockUser } from "../db/users.ts";
import type { SocialIdentity } from "../domain/social.ts";
import { requireActive } from "../domain/user.ts";
import { failSocialLogin, socialEmailRequired, socialEmailTaken } from "../failures.ts";
import { type FinishDependencies, finishSocial } from "../finish-social.ts";
import type { Authenticated } from "../social/provider.ts";
import { startSession } from "../start-session.ts";
import { toSocialSignUp } from "../to-proto.ts";
import { type GrantedSession, issueTokenPair, type TokenPairDependencies } from "../tokens/token-pair.ts";

export function completeSocialLogin(
  app: Dependencies,
): Handler<typeof SocialAccountService.method.completeSocialLogin> {
  return async ({ callback, useCookie }, context) => {
    if (callback === undefined) {
      throw failSocialLogin();
    }
    const identity = await finishSocial(app, callback, null, context);
    const session = await logIn(app, identity, context);
    return session === undefined
      ? { signUp: await prepareSignUp(app, identity, context) }
      : { tokens: await issueTokenPair(app, session, useCookie, context) };
  };
}

/** Starts a session of the user to whom an identity is linked; undefined where it is linked to none. */
async function logIn(
  { database, config }: Dependencies,
  identity: SocialIdentity,
  context: Context,
): Promise<GrantedSession | undefined> {
  const account = await findSocialAccount(database, identity);
  if (account === undefined) {
    return undefined;
  }
  return database.transaction(async tx => {
    const user = await lockUser(tx, account.userId);
    // Checked again under the lock, under which accounts are unlinked too.
    const linked = await findSocialAccount(tx, identity);
    if (user === undefined || linked?.userId !== user.userId) {
      throw failSocialLogin(new Error("the account was unlinked"));
    }
    requireActive(user.status);
    return startSession(tx, user, context, config);
  });
}

/** Only the owner of an address learns that it has an account: the provider has verified that it is theirs. */
async function prepareSignUp(
  { database, registerTokens }: Dependencies,
  { provider, subject, readProfile }: SocialIdentity & Authenticated,
  { signal }: Context,
) {
  const { name, email } = await readProfile(signal);
  if (email === undefined) {
    throw socialEmailRequired();
  }
  if ((await findUserByEmail(database, email)) !== undefined) {
    throw socialEmailTaken();
  }
  return toSocialSignUp({ name, email }, await registerTokens.sign({ provider, subject, email }));
}

type Dependencies = Pick<App, "registerTokens"> & FinishDependencies & TokenPairDependencies;
