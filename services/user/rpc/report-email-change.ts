import { randomUUID } from "node:crypto";
import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { lockReportedChange, removeChangesFrom } from "../db/account-requests.ts";
import { endSessions } from "../db/sessions.ts";
import { removeSocialAccounts } from "../db/social-accounts.ts";
import { lockPassword, lockUser, replaceEmail } from "../db/users.ts";
import { requestTokenNotFound } from "../failures.ts";

export function reportEmailChange({
  database,
  passwords,
}: Dependencies): Handler<typeof AccountService.method.reportEmailChange> {
  return async ({ token }, { signal }) => {
    const unknownHash = await passwords.hash(randomUUID(), signal);
    await database.transaction(async tx => {
      const request = await lockReportedChange(tx, token);
      if (request === undefined || request.userId === null || request.previousEmail === null) {
        throw requestTokenNotFound();
      }
      const { userId, previousEmail } = request;
      const user = await lockUser(tx, userId);
      if (user?.status !== "ACTIVE" || !(await replaceEmail(tx, userId, previousEmail))) {
        throw requestTokenNotFound();
      }
      // Who changed the address may have linked accounts of their own. Without a password the owner has to set one now.
      await removeSocialAccounts(tx, userId);
      await lockPassword(tx, userId, unknownHash);
      await removeChangesFrom(tx, request);
      await endSessions(tx, userId);
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "passwords">;
