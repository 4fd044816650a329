import type { AuthService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { listSessions as readSessions } from "../store/sessions.ts";

const maxSessions = 50;

export function listSessions({ database }: Dependencies): Handler<typeof AuthService.method.listSessions> {
  return async (_request, context) => ({
    sessions: await readSessions(database, userIdOf(context), maxSessions),
  });
}

type Dependencies = Pick<Floor, "database">;
