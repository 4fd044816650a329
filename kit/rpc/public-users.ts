import type { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import type { PublicUser } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";

/** Reads the users who wrote the rows of a page, in one call; a user who has withdrawn is one of them. */
export async function readPublicUsers(
  users: Pick<ServiceClient<typeof UserDirectoryService>, "batchGetUsers">,
  ids: readonly bigint[],
  context: WorkContext,
): Promise<ReadonlyMap<bigint, PublicUser>> {
  const userIds = [...new Set(ids)];
  if (userIds.length === 0) {
    return new Map();
  }
  const { users: found } = await users.batchGetUsers({ userIds }, context);
  return new Map(found.map((user, index) => [userIds[index] ?? 0n, user]));
}
