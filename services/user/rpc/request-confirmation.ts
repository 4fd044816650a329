import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertAccountRequest } from "../db/account-requests.ts";
import { findUser } from "../db/users.ts";
import { notActive } from "../failures.ts";

export function requestConfirmation({
  database,
  mails,
  config,
  limitAccountMails,
}: Dependencies): Handler<typeof AccountService.method.requestConfirmation> {
  return async (_request, context) => {
    const user = await findUser(database, userIdOf(context));
    if (user?.status !== "ACTIVE") {
      throw notActive();
    }
    const { userId, email } = user;
    await limitAccountMails(email, context.clientAddress);
    const { lifetimeSeconds } = config.accountRequests;
    const lifetimes = { lifetimeSeconds, keepSeconds: lifetimeSeconds };
    await database.transaction(async tx => {
      const requestId = await insertAccountRequest(tx, { kind: "CONFIRMATION", userId, email, ...lifetimes });
      await mails.add(tx, { template: "CONFIRMATION", requestId });
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "mails" | "config" | "limitAccountMails">;
