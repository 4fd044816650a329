import type { UserAdminService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { adminCannotBeBanned, userNotFound } from "../failures.ts";
import { banUser as ban, findAdminUser } from "../store/administration.ts";
import { endSessions } from "../store/sessions.ts";
import { lockAccount } from "../store/users.ts";

export function banUser({ database }: Dependencies): Handler<typeof UserAdminService.method.banUser> {
  return ({ userId, reason }, context) =>
    database.transaction(async tx => {
      const account = await lockAccount(tx, userId);
      if (account === undefined) {
        throw userNotFound();
      }
      if (account.role === "ADMIN") {
        throw adminCannotBeBanned();
      }
      await ban(tx, userId);
      await endSessions(tx, userId);
      await writeAudit(tx, context, { action: "user.ban", subject: userId.toString(), detail: { reason } });
      const user = await findAdminUser(tx, userId);
      return user === undefined ? {} : { user };
    });
}

type Dependencies = Pick<Floor, "database">;
