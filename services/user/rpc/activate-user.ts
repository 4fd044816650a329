import type { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { takeRegistrations } from "../db/registrations.ts";
import { insertUser } from "../db/users.ts";
import { activationTokenNotFound } from "../failures.ts";

export function activateUser({
  database,
}: Dependencies): Handler<typeof RegistrationService.method.activateUser> {
  return ({ token }) =>
    database.transaction(async tx => {
      const registration = await takeRegistrations(tx, token);
      if (registration === undefined || !(await insertUser(tx, registration))) {
        throw activationTokenNotFound();
      }
      return {};
    });
}

type Dependencies = Pick<App, "database">;
