import type { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listOpenSessions } from "../db/sessions.ts";
import { maxSessions } from "../domain/session.ts";
import { toSession } from "../to-proto.ts";

export function listSessions({ database }: Dependencies): Handler<typeof AuthService.method.listSessions> {
  return async (_request, context) => {
    const sessions = await listOpenSessions(database, userIdOf(context), maxSessions);
    return { sessions: sessions.map(toSession) };
  };
}

type Dependencies = Pick<App, "database">;
