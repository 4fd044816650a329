import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listSocialAccounts, removeSocialAccount } from "../db/social-accounts.ts";
import { lockUser } from "../db/users.ts";
import { lastLoginMethod, notActive, socialAccountNotFound } from "../failures.ts";
import { providerName } from "../start-social.ts";

export function unlinkSocialAccount({
  database,
  mails,
}: Dependencies): Handler<typeof SocialAccountService.method.unlinkSocialAccount> {
  return async (request, context) => {
    const userId = userIdOf(context);
    const provider = providerName(request.provider);
    await database.transaction(async tx => {
      const user = await lockUser(tx, userId);
      if (user?.status !== "ACTIVE") {
        throw notActive();
      }
      if (!(await removeSocialAccount(tx, userId, provider))) {
        throw socialAccountNotFound();
      }
      if (user.passwordHash === null && (await listSocialAccounts(tx, userId)).length === 0) {
        throw lastLoginMethod();
      }
      await mails.add(tx, { template: "SOCIAL_ACCOUNT", userId, data: { provider, isLinked: false } });
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "mails">;
