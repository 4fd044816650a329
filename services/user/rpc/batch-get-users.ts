import type { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUsers } from "../db/users.ts";
import { toPublicUser } from "../to-proto.ts";

export function batchGetUsers({
  database,
}: Dependencies): Handler<typeof UserDirectoryService.method.batchGetUsers> {
  return async ({ userIds }) => {
    const found = await findUsers(database, userIds);
    const byId = new Map(found.map(user => [user.userId, user]));
    return { users: userIds.map(userId => toPublicUser(byId.get(userId))) };
  };
}

type Dependencies = Pick<App, "database">;
