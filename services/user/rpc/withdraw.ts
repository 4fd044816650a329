import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { removeRequestsAbout } from "../db/account-requests.ts";
import { removeRegistrations } from "../db/registrations.ts";
import { removeSessions } from "../db/sessions.ts";
import { removeSocialAccounts } from "../db/social-accounts.ts";
import { lockUser, withdrawUser } from "../db/users.ts";
import { notActive, withdrawalNotCleared, wrongLogin } from "../failures.ts";
import { requirePassword } from "../require-password.ts";

export function withdraw(app: Dependencies): Handler<typeof AccountService.method.withdraw> {
  const { database, outbox, isClearedByPoint } = app;
  return async ({ password, pointClearance, waivePoints }, context) => {
    const { userId, passwordHash } = await requirePassword(app, context, password);
    if (!waivePoints && !(await isClearedByPoint(pointClearance, userId))) {
      throw withdrawalNotCleared();
    }
    await database.transaction(async tx => {
      const locked = await lockUser(tx, userId);
      if (locked?.status === "ACTIVE" && locked.passwordHash !== passwordHash) {
        throw wrongLogin();
      }
      const withdrawTime = await withdrawUser(tx, userId);
      if (locked === undefined || withdrawTime === undefined) {
        throw notActive();
      }
      await removeSessions(tx, userId);
      await removeSocialAccounts(tx, userId);
      await removeRegistrations(tx, locked.email);
      await removeRequestsAbout(tx, locked);
      await outbox.append(tx, UserWithdrawnSchema, { userId, withdrawTime: timestampFromDate(withdrawTime) });
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "passwords" | "outbox" | "isClearedByPoint">;
