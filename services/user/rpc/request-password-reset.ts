import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertAccountRequest } from "../db/account-requests.ts";

export function requestPasswordReset({
  database,
  mails,
  config,
  limitAccountMails,
}: Dependencies): Handler<typeof AccountService.method.requestPasswordReset> {
  return async ({ email }, context) => {
    await limitAccountMails(email, context.clientAddress);
    const { lifetimeSeconds } = config.accountRequests;
    const request = { kind: "PASSWORD_RESET", email, lifetimeSeconds, keepSeconds: lifetimeSeconds } as const;
    await database.transaction(async tx => {
      const requestId = await insertAccountRequest(tx, request);
      await mails.add(tx, { template: "PASSWORD_RESET", requestId });
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "mails" | "config" | "limitAccountMails">;
