import type { AccountService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { notActive, wrongLogin } from "../failures.ts";
import type { Passwords } from "../passwords.ts";
import { endSessions } from "../store/sessions.ts";
import { findAccount, lockAccount, replacePasswordHash } from "../store/users.ts";

export function changePassword({
  database,
  passwords,
}: Dependencies): Handler<typeof AccountService.method.changePassword> {
  return async ({ currentPassword, newPassword }, context) => {
    const userId = userIdOf(context);
    const account = await findAccount(database, userId);
    if (account?.status !== "ACTIVE") {
      throw notActive();
    }
    if (!(await passwords.verify(account.passwordHash, currentPassword, context.signal))) {
      throw wrongLogin();
    }
    const newHash = await passwords.hash(newPassword, context.signal);
    await database.transaction(async tx => {
      const locked = await lockAccount(tx, userId);
      if (locked?.status !== "ACTIVE") {
        throw notActive();
      }
      if (!(await replacePasswordHash(tx, userId, { from: account.passwordHash, to: newHash }))) {
        throw wrongLogin();
      }
      await endSessions(tx, userId);
    });
    return {};
  };
}

type Dependencies = Pick<Floor, "database"> & { readonly passwords: Passwords };
