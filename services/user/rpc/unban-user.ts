import type { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { lockUser, unbanUser as unban } from "../db/users.ts";
import { userNotFound } from "../failures.ts";
import { toAdminUser } from "../to-proto.ts";

export function unbanUser({ database }: Dependencies): Handler<typeof UserAdminService.method.unbanUser> {
  return ({ userId, reason }, context) =>
    database.transaction(async tx => {
      const user = await lockUser(tx, userId);
      if (user === undefined || user.status === "WITHDRAWN") {
        throw userNotFound();
      }
      await unban(tx, userId);
      await writeAudit(tx, context, { action: "user.unban", subject: userId.toString(), detail: { reason } });
      return { user: toAdminUser({ ...user, status: "ACTIVE" }) };
    });
}

type Dependencies = Pick<App, "database">;
