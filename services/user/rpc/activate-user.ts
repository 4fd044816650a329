import type { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { takeActivationToken } from "../db/activation-tokens.ts";
import { activateUser as activate } from "../db/users.ts";
import { activationTokenNotFound } from "../failures.ts";

export function activateUser({
  database,
}: Dependencies): Handler<typeof RegistrationService.method.activateUser> {
  return ({ token }) =>
    database.transaction(async tx => {
      const userId = await takeActivationToken(tx, token);
      if (userId === undefined || !(await activate(tx, userId))) {
        throw activationTokenNotFound();
      }
      return {};
    });
}

type Dependencies = Pick<App, "database">;
