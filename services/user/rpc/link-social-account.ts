import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findSocialAccount, insertSocialAccount } from "../db/social-accounts.ts";
import { lockUser } from "../db/users.ts";
import { alreadyLinked, failSocialLogin, notActive } from "../failures.ts";
import { type FinishDependencies, finishSocial } from "../finish-social.ts";
import { toSocialAccount } from "../to-proto.ts";

export function linkSocialAccount(
  app: Dependencies,
): Handler<typeof SocialAccountService.method.linkSocialAccount> {
  return async ({ callback }, context) => {
    const userId = userIdOf(context);
    if (callback === undefined) {
      throw failSocialLogin();
    }
    const identity = await finishSocial(app, callback, userId, context);
    return app.database.transaction(async tx => {
      if ((await lockUser(tx, userId))?.status !== "ACTIVE") {
        throw notActive();
      }
      const { provider } = identity;
      if (await insertSocialAccount(tx, userId, identity)) {
        await app.mails.add(tx, { template: "SOCIAL_ACCOUNT", userId, data: { provider, isLinked: true } });
      }
      // Whether it is there now, or was there before.
      const account = await findSocialAccount(tx, identity);
      if (account?.userId !== userId) {
        throw alreadyLinked();
      }
      return { account: toSocialAccount(account) };
    });
  };
}

type Dependencies = Pick<App, "mails"> & FinishDependencies;
