import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { confirmChange, lockAccountRequestOf, removePendingChanges } from "../db/account-requests.ts";
import { removeRegistrations } from "../db/registrations.ts";
import { lockUser, replaceEmail } from "../db/users.ts";
import { requestTokenNotFound } from "../failures.ts";

export function confirmEmailChange({
  database,
}: Dependencies): Handler<typeof AccountService.method.confirmEmailChange> {
  return ({ token }, context) =>
    database.transaction(async tx => {
      const request = await lockAccountRequestOf(tx, "EMAIL_CHANGE", token);
      const userId = userIdOf(context);
      if (request?.userId !== userId || request.email === null) {
        throw requestTokenNotFound();
      }
      const { requestId, email, previousEmail } = request;
      const user = await lockUser(tx, userId);
      const isCurrent = user?.status === "ACTIVE" && user.email === previousEmail;
      if (!isCurrent || !(await replaceEmail(tx, userId, email))) {
        throw requestTokenNotFound();
      }
      await confirmChange(tx, requestId);
      // What was mailed to the previous address proves nothing any more.
      await removePendingChanges(tx, userId);
      await removeRegistrations(tx, email);
      return {};
    });
}

type Dependencies = Pick<App, "database">;
