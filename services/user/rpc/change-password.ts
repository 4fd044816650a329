import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endSessions } from "../db/sessions.ts";
import { findUser, lockUser, replacePasswordHash } from "../db/users.ts";
import { refuseCommonPassword } from "../domain/password-choice.ts";
import { notActive, wrongLogin } from "../failures.ts";

export function changePassword({
  database,
  passwords,
}: Dependencies): Handler<typeof AccountService.method.changePassword> {
  return async ({ currentPassword, newPassword }, context) => {
    const userId = userIdOf(context);
    const user = await findUser(database, userId);
    if (user?.status !== "ACTIVE") {
      throw notActive();
    }
    if (!(await passwords.verify(user.passwordHash, currentPassword, context.signal))) {
      throw wrongLogin();
    }
    refuseCommonPassword(newPassword);
    const newHash = await passwords.hash(newPassword, context.signal);
    await database.transaction(async tx => {
      const locked = await lockUser(tx, userId);
      if (locked?.status !== "ACTIVE") {
        throw notActive();
      }
      if (!(await replacePasswordHash(tx, userId, { from: user.passwordHash, to: newHash }))) {
        throw wrongLogin();
      }
      await endSessions(tx, userId);
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "passwords">;
