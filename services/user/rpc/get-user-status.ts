import type { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { Role, UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUser } from "../db/users.ts";
import { userNotFound } from "../failures.ts";

export function getUserStatus({
  database,
}: Dependencies): Handler<typeof UserDirectoryService.method.getUserStatus> {
  return async ({ userId }) => {
    const user = await findUser(database, userId);
    if (user === undefined) {
      throw userNotFound();
    }
    return { status: UserStatus[user.status], role: Role[user.role] };
  };
}

type Dependencies = Pick<App, "database">;
