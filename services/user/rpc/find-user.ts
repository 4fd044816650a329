import type { UserAdminService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { normalizeEmail } from "../account-rules.ts";
import { userNotFound } from "../failures.ts";
import { findAdminUserByEmail } from "../store/administration.ts";

export function findUser({ database }: Dependencies): Handler<typeof UserAdminService.method.findUser> {
  return ({ email }, context) =>
    database.transaction(async tx => {
      const user = await findAdminUserByEmail(tx, normalizeEmail(email));
      if (user === undefined) {
        throw userNotFound();
      }
      await writeAudit(tx, context, { action: "user.find", subject: user.userId.toString(), detail: {} });
      return { user };
    });
}

type Dependencies = Pick<Floor, "database">;
