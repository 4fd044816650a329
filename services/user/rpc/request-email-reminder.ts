import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { type MailRequestDependencies, requestMail } from "../request-mail.ts";

export function requestEmailReminder(
  app: Dependencies,
): Handler<typeof AccountService.method.requestEmailReminder> {
  return async ({ phone }, context) => {
    await app.limitAccountMails(phone, context.clientAddress);
    await requestMail(app, { kind: "EMAIL_REMINDER", phone });
    return {};
  };
}

type Dependencies = MailRequestDependencies & Pick<App, "limitAccountMails">;
