import type { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUser } from "../db/users.ts";
import { userNotFound } from "../failures.ts";
import { toProfile } from "../to-proto.ts";

export function getProfile({ database }: Dependencies): Handler<typeof ProfileService.method.getProfile> {
  return async (_request, context) => {
    const user = await findUser(database, userIdOf(context));
    if (user === undefined || user.status === "WITHDRAWN") {
      throw userNotFound();
    }
    return { profile: toProfile(user) };
  };
}

type Dependencies = Pick<App, "database">;
