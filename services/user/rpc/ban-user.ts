import type { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endSessions } from "../db/sessions.ts";
import { banUser as ban, lockUser } from "../db/users.ts";
import { adminCannotBeBanned, userNotFound } from "../failures.ts";
import { toAdminUser } from "../to-proto.ts";

export function banUser({ database }: Dependencies): Handler<typeof UserAdminService.method.banUser> {
  return ({ userId, reason }, context) =>
    database.transaction(async tx => {
      const user = await lockUser(tx, userId);
      if (user === undefined || user.status === "WITHDRAWN") {
        throw userNotFound();
      }
      if (user.role === "ADMIN") {
        throw adminCannotBeBanned();
      }
      await ban(tx, userId);
      await endSessions(tx, userId);
      await writeAudit(tx, context, { action: "user.ban", subject: userId.toString(), detail: { reason } });
      return { user: toAdminUser({ ...user, status: "BANNED" }) };
    });
}

type Dependencies = Pick<App, "database">;
