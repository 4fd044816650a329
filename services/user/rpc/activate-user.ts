import type { RegistrationService } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { activationTokenNotFound } from "../failures.ts";
import { takeActivationToken } from "../store/activation-tokens.ts";
import { activatePending } from "../store/users.ts";

export function activateUser({
  database,
}: Dependencies): Handler<typeof RegistrationService.method.activateUser> {
  return ({ token }) =>
    database.transaction(async tx => {
      const userId = await takeActivationToken(tx, token);
      if (userId === undefined || !(await activatePending(tx, userId))) {
        throw activationTokenNotFound();
      }
      return {};
    });
}

type Dependencies = Pick<Floor, "database">;
