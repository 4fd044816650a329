import type { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUserByEmail } from "../db/users.ts";
import { userNotFound } from "../failures.ts";
import { toAdminUser } from "../to-proto.ts";

export function findUser({ database }: Dependencies): Handler<typeof UserAdminService.method.findUser> {
  return ({ email }, context) =>
    database.transaction(async tx => {
      const user = await findUserByEmail(tx, email);
      if (user === undefined) {
        throw userNotFound();
      }
      await writeAudit(tx, context, { action: "user.find", subject: user.userId.toString(), detail: {} });
      return { user: toAdminUser(user) };
    });
}

type Dependencies = Pick<App, "database">;
