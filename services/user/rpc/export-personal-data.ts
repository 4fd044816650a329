import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listRequestsOf } from "../db/account-requests.ts";
import { listMailsTo } from "../db/mails.ts";
import { listSessions } from "../db/sessions.ts";
import { listSocialAccounts } from "../db/social-accounts.ts";
import { findUser } from "../db/users.ts";
import { userNotFound } from "../failures.ts";
import { toMailRecord, toProfile, toRequestRecord, toSession, toSocialAccount } from "../to-proto.ts";

const maxRows = 500;

export function exportPersonalData({
  database,
}: Dependencies): Handler<typeof AccountService.method.exportPersonalData> {
  return async (_request, context) => {
    const userId = userIdOf(context);
    const user = await findUser(database, userId);
    if (user === undefined || user.status === "WITHDRAWN") {
      throw userNotFound();
    }
    return {
      profile: toProfile(user),
      sessions: (await listSessions(database, userId, maxRows)).map(toSession),
      socialAccounts: (await listSocialAccounts(database, userId)).map(toSocialAccount),
      mails: (await listMailsTo(database, userId, maxRows)).map(toMailRecord),
      requests: (await listRequestsOf(database, userId, maxRows)).map(toRequestRecord),
    };
  };
}

type Dependencies = Pick<App, "database">;
