import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { scheduleTask } from "#kit/data/tasks.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { removeRequestsAbout } from "../db/account-requests.ts";
import { removeRegistrations } from "../db/registrations.ts";
import { removeSessions } from "../db/sessions.ts";
import { removeSocialAccounts } from "../db/social-accounts.ts";
import { withdrawalTask, withdrawUser } from "../db/users.ts";
import { notActive, withdrawalNotCleared } from "../failures.ts";
import { requireIdentity } from "../require-identity.ts";

// A call that a token lets in at its last moment may write until its deadline; a minute is more than clocks differ.
const longestCallMs = 120_000;

export function withdraw(app: Dependencies): Handler<typeof AccountService.method.withdraw> {
  const { database, outbox, isClearedByPoint, config } = app;
  return async ({ pointClearance, waivePoints, ...evidence }, context) => {
    const { userId, lock } = await requireIdentity(app, context, evidence);
    if (!waivePoints && !(await isClearedByPoint(pointClearance, userId))) {
      throw withdrawalNotCleared();
    }
    await database.transaction(async tx => {
      const user = await lock(tx);
      const withdrawTime = await withdrawUser(tx, userId);
      if (withdrawTime === undefined) {
        throw notActive();
      }
      await removeSessions(tx, userId);
      await removeSocialAccounts(tx, userId);
      await removeRegistrations(tx, user.email);
      await removeRequestsAbout(tx, user);
      await outbox.append(tx, UserWithdrawnSchema, { userId, withdrawTime: timestampFromDate(withdrawTime) });
      const tokensEndMs = config.accessTokens.lifetimeSeconds * 1000 + longestCallMs;
      await scheduleTask(tx, withdrawalTask, userId.toString(), tokensEndMs);
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "passwords" | "outbox" | "isClearedByPoint" | "config">;
