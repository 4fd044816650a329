import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listSocialAccounts as listAccounts } from "../db/social-accounts.ts";
import { findUser } from "../db/users.ts";
import { userNotFound } from "../failures.ts";
import { toSocialAccount } from "../to-proto.ts";

export function listSocialAccounts({
  database,
}: Dependencies): Handler<typeof SocialAccountService.method.listSocialAccounts> {
  return async (_request, context) => {
    const user = await findUser(database, userIdOf(context));
    if (user === undefined) {
      throw userNotFound();
    }
    const accounts = await listAccounts(database, user.userId);
    return { accounts: accounts.map(toSocialAccount), hasPassword: user.passwordHash !== null };
  };
}

type Dependencies = Pick<App, "database">;
