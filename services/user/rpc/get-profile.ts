import type { ProfileService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { userNotFound } from "../failures.ts";
import { findProfile } from "../store/users.ts";

export function getProfile({ database }: Dependencies): Handler<typeof ProfileService.method.getProfile> {
  return async (_request, context) => {
    const profile = await findProfile(database, userIdOf(context));
    if (profile === undefined) {
      throw userNotFound();
    }
    return { profile };
  };
}

type Dependencies = Pick<Floor, "database">;
