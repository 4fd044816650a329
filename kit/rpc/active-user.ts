import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { ServiceClient } from "#kit/rpc/service-client.ts";

/**
 * Reads the status of the user who calls afresh, because an access token outlives a ban. Throws NOT_ACTIVE_USER, or
 * what the directory threw: a user whose status is unknown may not act either.
 */
export async function requireActiveUser(
  users: Pick<ServiceClient<typeof UserDirectoryService>, "getUserStatus">,
  context: WorkContext,
): Promise<void> {
  const { status } = await users.getUserStatus({ userId: userIdOf(context) }, context).catch(asInactive);
  if (status !== UserStatus.ACTIVE) {
    throw new Failure(Reason.NOT_ACTIVE_USER);
  }
}

// The token may be older than the restored database of the directory.
function asInactive(error: unknown): never {
  const isGone = error instanceof Failure && error.reason === Reason.NOT_FOUND;
  throw isGone ? new Failure(Reason.NOT_ACTIVE_USER, { cause: error }) : error;
}
