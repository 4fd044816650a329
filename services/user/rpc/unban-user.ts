import type { UserAdminService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { userNotFound } from "../failures.ts";
import { findAdminUser, unbanUser as readmit } from "../store/administration.ts";

export function unbanUser({ database }: Dependencies): Handler<typeof UserAdminService.method.unbanUser> {
  return ({ userId, reason }, context) =>
    database.transaction(async tx => {
      await readmit(tx, userId);
      const user = await findAdminUser(tx, userId);
      if (user === undefined) {
        throw userNotFound();
      }
      await writeAudit(tx, context, { action: "user.unban", subject: userId.toString(), detail: { reason } });
      return { user };
    });
}

type Dependencies = Pick<Floor, "database">;
