import type { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertUser } from "../db/users.ts";
import { normalizeEmail } from "../domain/user.ts";
import { duplicateEmail, duplicatePhone } from "../failures.ts";

export function registerUser({
  database,
  passwords,
  mails,
}: Dependencies): Handler<typeof RegistrationService.method.registerUser> {
  return async ({ email, password, name, phone }, context) => {
    const passwordHash = await passwords.hash(password, context.signal);
    return database.transaction(async tx => {
      const result = await insertUser(tx, { email: normalizeEmail(email), phone, passwordHash, name });
      if ("taken" in result) {
        throw result.taken === "email" ? duplicateEmail() : duplicatePhone();
      }
      await mails.add(tx, result.userId, { template: "ACTIVATION", data: {} });
      return { userId: result.userId };
    });
  };
}

type Dependencies = Pick<App, "database" | "passwords" | "mails">;
