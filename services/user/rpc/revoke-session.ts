import type { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { endSession } from "../db/sessions.ts";
import { sessionNotFound } from "../failures.ts";

export function revokeSession({ database }: Dependencies): Handler<typeof AuthService.method.revokeSession> {
  return async ({ sessionId }, context) => {
    if (!(await endSession(database, userIdOf(context), sessionId))) {
      throw sessionNotFound();
    }
    return {};
  };
}

type Dependencies = Pick<App, "database">;
