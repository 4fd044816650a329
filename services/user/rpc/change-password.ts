import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { removePendingChanges, removeRequestsFor } from "../db/account-requests.ts";
import { endSessions } from "../db/sessions.ts";
import { lockUser, replacePasswordHash } from "../db/users.ts";
import { refuseCommonPassword } from "../domain/password-choice.ts";
import { notActive, wrongLogin } from "../failures.ts";
import { requirePassword } from "../require-identity.ts";

export function changePassword(app: Dependencies): Handler<typeof AccountService.method.changePassword> {
  const { database, passwords } = app;
  return async ({ currentPassword, newPassword }, context) => {
    const { userId, passwordHash } = await requirePassword(app, context, currentPassword);
    refuseCommonPassword(newPassword);
    const newHash = await passwords.hash(newPassword, context.signal);
    await database.transaction(async tx => {
      const locked = await lockUser(tx, userId);
      if (locked?.status !== "ACTIVE") {
        throw notActive();
      }
      if (!(await replacePasswordHash(tx, userId, { from: passwordHash, to: newHash }))) {
        throw wrongLogin();
      }
      await removePendingChanges(tx, userId);
      await removeRequestsFor(tx, "PASSWORD_RESET", locked.email);
      await endSessions(tx, userId);
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "passwords">;
