import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertAccountRequest, removePendingChanges } from "../db/account-requests.ts";
import { lockUser } from "../db/users.ts";
import { notActive } from "../failures.ts";
import { requirePassword } from "../require-password.ts";

const daySeconds = 86_400;

export function requestEmailChange(
  app: Dependencies,
): Handler<typeof AccountService.method.requestEmailChange> {
  const { database, mails, config, limitAccountMails } = app;
  return async ({ newEmail, password }, context) => {
    const { userId } = await requirePassword(app, context, password);
    await limitAccountMails(newEmail, context.clientAddress);
    const { lifetimeSeconds, reportDays } = config.accountRequests;
    await database.transaction(async tx => {
      const user = await lockUser(tx, userId);
      if (user?.status !== "ACTIVE") {
        throw notActive();
      }
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
