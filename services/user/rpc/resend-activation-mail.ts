import type { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { hasRecentActivationMail } from "../db/mails.ts";
import { lockUserByEmail } from "../db/users.ts";
import { normalizeEmail } from "../domain/user.ts";

export function resendActivationMail({
  database,
  mails,
  config,
}: Dependencies): Handler<typeof RegistrationService.method.resendActivationMail> {
  return ({ email }) =>
    database.transaction(async tx => {
      const user = await lockUserByEmail(tx, normalizeEmail(email));
      if (user?.status !== "PENDING") {
        return {};
      }
      if (!(await hasRecentActivationMail(tx, user.userId, config.activation.resendIntervalMs))) {
        await mails.add(tx, user.userId, { template: "ACTIVATION", data: {} });
      }
      return {};
    });
}

type Dependencies = Pick<App, "database" | "mails" | "config">;
