import type { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { countMailsFor } from "../db/mails.ts";
import { lockRegistration } from "../db/registrations.ts";
import { maxMails } from "../domain/registration.ts";

export function resendActivationMail({
  database,
  mails,
  config,
}: Dependencies): Handler<typeof RegistrationService.method.resendActivationMail> {
  return request =>
    database.transaction(async tx => {
      const registrationId = request.registrationId.toLowerCase();
      if (await lockRegistration(tx, registrationId)) {
        const { all, recent } = await countMailsFor(tx, registrationId, config.registration.resendIntervalMs);
        if (recent === 0 && all < maxMails) {
          await mails.add(tx, { template: "REGISTRATION", registrationId });
        }
      }
      return {};
    });
}

type Dependencies = Pick<App, "database" | "mails" | "config">;
