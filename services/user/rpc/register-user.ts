import type { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertRegistration } from "../db/registrations.ts";
import { refuseCommonPassword } from "../domain/password-choice.ts";

export function registerUser({
  database,
  passwords,
  mails,
  config,
  limitRegistrations,
}: Dependencies): Handler<typeof RegistrationService.method.registerUser> {
  return async ({ email, password, name, phone }, context) => {
    refuseCommonPassword(password);
    await limitRegistrations(email, context.clientAddress);
    const passwordHash = await passwords.hash(password, context.signal);
    const { lifetimeSeconds } = config.registration;
    return database.transaction(async tx => {
      const registrationId = await insertRegistration(tx, {
        email,
        phone,
        passwordHash,
        name,
        lifetimeSeconds,
      });
      await mails.add(tx, { template: "REGISTRATION", registrationId });
      return { registrationId };
    });
  };
}

type Dependencies = Pick<App, "database" | "passwords" | "mails" | "config" | "limitRegistrations">;
