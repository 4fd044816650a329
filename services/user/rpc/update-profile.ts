import type { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUser, updateProfile as replaceProfile } from "../db/users.ts";
import { userNotFound } from "../failures.ts";
import { toProfile } from "../to-proto.ts";

export function updateProfile({
  database,
}: Dependencies): Handler<typeof ProfileService.method.updateProfile> {
  return (request, context) =>
    database.transaction(async tx => {
      const userId = userIdOf(context);
      const isFound = await replaceProfile(tx, userId, request);
      const user = isFound ? await findUser(tx, userId) : undefined;
      if (user === undefined) {
        throw userNotFound();
      }
      return { profile: toProfile(user) };
    });
}

type Dependencies = Pick<App, "database">;
