import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertAccountRequest, removePendingChanges } from "../db/account-requests.ts";
import { requireIdentity } from "../require-identity.ts";

const daySeconds = 86_400;

export function requestEmailChange(
  app: Dependencies,
): Handler<typeof AccountService.method.requestEmailChange> {
  const { database, mails, config, limitAccountMails } = app;
  return async ({ newEmail, ...evidence }, context) => {
    const { userId, lock } = await requireIdentity(app, context, evidence);
    await limitAccountMails(newEmail, context.clientAddress);
    const { lifetimeSeconds, reportDays } = config.accountRequests;
    await database.transaction(async tx => {
      const user = await lock(tx);
      await removePendingChanges(tx, userId);
      const requestId = await insertAccountRequest(tx, {
        kind: "EMAIL_CHANGE",
        userId,
        email: newEmail,
        previousEmail: user.email,
        lifetimeSeconds,
        keepSeconds: reportDays * daySeconds,
      });
      await mails.add(tx, { template: "EMAIL_CHANGE", requestId });
      await mails.add(tx, { template: "EMAIL_CHANGE_NOTICE", requestId });
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "passwords" | "mails" | "config" | "limitAccountMails">;
