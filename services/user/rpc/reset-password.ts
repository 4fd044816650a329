import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import {
  findAccountRequestOf,
  lockAccountRequestOf,
  removePendingChanges,
  removeRequestsFor,
} from "../db/account-requests.ts";
import { endSessions } from "../db/sessions.ts";
import { lockUserByEmail, replacePasswordHash } from "../db/users.ts";
import { refuseCommonPassword } from "../domain/password-choice.ts";
import { requestTokenNotFound } from "../failures.ts";

export function resetPassword({
  database,
  passwords,
}: Dependencies): Handler<typeof AccountService.method.resetPassword> {
  return async ({ token, newPassword }, { signal }) => {
    refuseCommonPassword(newPassword);
    // Before the hash is computed, which is expensive.
    if ((await findAccountRequestOf(database, "PASSWORD_RESET", token)) === undefined) {
      throw requestTokenNotFound();
    }
    const newHash = await passwords.hash(newPassword, signal);
    await database.transaction(async tx => {
      const email = (await lockAccountRequestOf(tx, "PASSWORD_RESET", token))?.email ?? undefined;
      const user = email === undefined ? undefined : await lockUserByEmail(tx, email);
      // An account without a password is mailed no token.
      if (email === undefined || !user?.passwordHash) {
        throw requestTokenNotFound();
      }
      const { userId, passwordHash } = user;
      if (!(await replacePasswordHash(tx, userId, { from: passwordHash, to: newHash }))) {
        throw requestTokenNotFound();
      }
      await removeRequestsFor(tx, "PASSWORD_RESET", email);
      await removePendingChanges(tx, userId);
      await endSessions(tx, userId);
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "passwords">;
