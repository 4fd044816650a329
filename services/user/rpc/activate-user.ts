import type { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findRegistrationOf, takeRegistrations } from "../db/registrations.ts";
import { insertUser } from "../db/users.ts";
import { activationTokenNotFound, wrongLogin } from "../failures.ts";

export function activateUser({
  database,
  passwords,
}: Dependencies): Handler<typeof RegistrationService.method.activateUser> {
  return async ({ token, password }, { signal }) => {
    const registration = await findRegistrationOf(database, token);
    if (registration === undefined) {
      throw activationTokenNotFound();
    }
    if (!(await passwords.verify(registration.passwordHash, password, signal))) {
      throw wrongLogin();
    }
    return database.transaction(async tx => {
      const taken = await takeRegistrations(tx, registration);
      if (taken === undefined || (await insertUser(tx, taken)) === undefined) {
        throw activationTokenNotFound();
      }
      return {};
    });
  };
}

type Dependencies = Pick<App, "database" | "passwords">;
