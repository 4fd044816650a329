import type { RegistrationService } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { normalizeEmail } from "../account-rules.ts";
import type { UserConfig } from "../config.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import { hasRecentActivationMail } from "../store/mails.ts";
import { lockAccountByEmail } from "../store/users.ts";

export function resendActivationMail({
  database,
  mails,
  userConfig,
}: Dependencies): Handler<typeof RegistrationService.method.resendActivationMail> {
  return ({ email }) =>
    database.transaction(async tx => {
      const account = await lockAccountByEmail(tx, normalizeEmail(email));
      if (account?.status !== "PENDING") {
        return {};
      }
      if (!(await hasRecentActivationMail(tx, account.userId, userConfig.USER_MAIL_INTERVAL_MS))) {
        await mails.add(tx, account.userId, { template: "ACTIVATION", data: {} });
      }
      return {};
    });
}

type Dependencies = Pick<Floor, "database"> & {
  readonly mails: MailQueue;
  readonly userConfig: Pick<UserConfig, "USER_MAIL_INTERVAL_MS">;
};
