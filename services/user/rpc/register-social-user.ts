import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { removeRegistrations } from "../db/registrations.ts";
import { findSocialAccount, insertSocialAccount } from "../db/social-accounts.ts";
import { insertUser } from "../db/users.ts";
import { alreadyLinked, failSocialLogin, socialEmailTaken } from "../failures.ts";
import { startSession } from "../start-session.ts";
import { issueTokenPair, type TokenPairDependencies } from "../tokens/token-pair.ts";

export function registerSocialUser(
  app: Dependencies,
): Handler<typeof SocialAccountService.method.registerSocialUser> {
  const { database, registerTokens, config } = app;
  return async ({ registerToken, name, phone, useCookie }, context) => {
    const registrant = await registerTokens.verify(registerToken);
    if (registrant === undefined) {
      throw failSocialLogin(new Error("the register token is invalid"));
    }
    const { email } = registrant;
    const session = await database.transaction(async tx => {
      const userId = await insertUser(tx, { email, phone, name, passwordHash: null });
      if (userId === undefined) {
        throw (await findSocialAccount(tx, registrant)) ? alreadyLinked() : socialEmailTaken();
      }
      if (!(await insertSocialAccount(tx, userId, registrant))) {
        throw alreadyLinked();
      }
      await removeRegistrations(tx, email);
      return startSession(tx, { userId, role: "USER" }, context, config);
    });
    return { tokens: await issueTokenPair(app, session, useCookie, context) };
  };
}

type Dependencies = Pick<App, "database" | "registerTokens"> & TokenPairDependencies;
