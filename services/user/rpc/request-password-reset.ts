import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { type MailRequestDependencies, requestMail } from "../request-mail.ts";

export function requestPasswordReset(
  app: Dependencies,
): Handler<typeof AccountService.method.requestPasswordReset> {
  return async ({ email }, context) => {
    await app.limitAccountMails(email, context.clientAddress);
    await requestMail(app, { kind: "PASSWORD_RESET", email });
    return {};
  };
}

type Dependencies = MailRequestDependencies & Pick<App, "limitAccountMails">;
