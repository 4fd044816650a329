import type { ProfileService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { userNotFound } from "../failures.ts";
import { findProfile, updateProfile as replaceProfile } from "../store/users.ts";

export function updateProfile({
  database,
}: Dependencies): Handler<typeof ProfileService.method.updateProfile> {
  return (request, context) =>
    database.transaction(async tx => {
      const userId = userIdOf(context);
      const found = await replaceProfile(tx, userId, request);
      const profile = found ? await findProfile(tx, userId) : undefined;
      if (profile === undefined) {
        throw userNotFound();
      }
      return { profile };
    });
}

type Dependencies = Pick<Floor, "database">;
