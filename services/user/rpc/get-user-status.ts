import type { UserDirectoryService } from "#gen/questioncloud/user/v1/mesh_pb.ts";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { userNotFound } from "../failures.ts";
import { findAccount } from "../store/users.ts";

export function getUserStatus({
  database,
}: Dependencies): Handler<typeof UserDirectoryService.method.getUserStatus> {
  return async ({ userId }) => {
    const account = await findAccount(database, userId);
    if (account === undefined) {
      throw userNotFound();
    }
    return { status: UserStatus[account.status] };
  };
}

type Dependencies = Pick<Floor, "database">;
