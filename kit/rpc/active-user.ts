import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type {
  GetUserStatusResponse,
  UserDirectoryService,
} from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { Role, UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";

type Directory = Pick<ServiceClient<typeof UserDirectoryService>, "getUserStatus">;

/** Whether the user who calls is an administrator now, whatever the access token says. */
export type IsAdministrator = (context: WorkContext) => Promise<boolean>;

/**
 * Reads the status of the user who calls afresh, because an access token outlives a ban. Throws NOT_ACTIVE_USER, or
 * what the directory threw: a user whose status is unknown may not act either.
 */
export async function requireActiveUser(users: Directory, context: WorkContext): Promise<void> {
  const user = await readUser(users, context);
  if (user?.status !== UserStatus.ACTIVE) {
    throw new Failure(Reason.NOT_ACTIVE_USER);
  }
}

/** Reads status and role afresh. Throws what the directory threw: who is not known to be one is no administrator. */
export function askForAdministrators(users: Directory): IsAdministrator {
  return async context => {
    const user = await readUser(users, context);
    return user?.status === UserStatus.ACTIVE && user.role === Role.ADMIN;
  };
}

/** Undefined where the token is older than the restored database of the directory. */
function readUser(users: Directory, context: WorkContext): Promise<GetUserStatusResponse | undefined> {
  return users.getUserStatus({ userId: userIdOf(context) }, context).catch((error: unknown) => {
    if (error instanceof Failure && error.reason === Reason.NOT_FOUND) {
      return undefined;
    }
    throw error;
  });
}
