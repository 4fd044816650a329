import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findUser } from "../db/users.ts";
import { notActive } from "../failures.ts";
import { type MailRequestDependencies, requestMail } from "../request-mail.ts";

export function requestConfirmation(
  app: Dependencies,
): Handler<typeof AccountService.method.requestConfirmation> {
  return async (_request, context) => {
    const user = await findUser(app.database, userIdOf(context));
    if (user?.status !== "ACTIVE") {
      throw notActive();
    }
    const { userId, email } = user;
    await app.limitAccountMails(email, context.clientAddress);
    await requestMail(app, { kind: "CONFIRMATION", userId, email });
    return {};
  };
}

type Dependencies = MailRequestDependencies & Pick<App, "limitAccountMails">;
