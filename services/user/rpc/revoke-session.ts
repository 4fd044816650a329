import type { AuthService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { sessionNotFound } from "../failures.ts";
import { endSession } from "../store/sessions.ts";

export function revokeSession({ database }: Dependencies): Handler<typeof AuthService.method.revokeSession> {
  return async ({ sessionId }, context) => {
    if (!(await endSession(database, userIdOf(context), sessionId.toLowerCase()))) {
      throw sessionNotFound();
    }
    return {};
  };
}

type Dependencies = Pick<Floor, "database">;
