import type { RegistrationService } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { normalizeEmail } from "../account-rules.ts";
import { duplicateEmail, duplicatePhone } from "../failures.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import type { Passwords } from "../passwords.ts";
import { insertUser } from "../store/users.ts";

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

type Dependencies = Pick<Floor, "database"> & {
  readonly passwords: Passwords;
  readonly mails: MailQueue;
};
