import type { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { insertAccountRequest } from "../db/account-requests.ts";

export function requestEmailReminder({
  database,
  mails,
  config,
  limitAccountMails,
}: Dependencies): Handler<typeof AccountService.method.requestEmailReminder> {
  return async ({ phone }, context) => {
    await limitAccountMails(phone, context.clientAddress);
    const { lifetimeSeconds } = config.accountRequests;
    const request = { kind: "EMAIL_REMINDER", phone, lifetimeSeconds, keepSeconds: lifetimeSeconds } as const;
    await database.transaction(async tx => {
      const requestId = await insertAccountRequest(tx, request);
      await mails.add(tx, { template: "EMAIL_REMINDER", requestId });
    });
    return {};
  };
}

type Dependencies = Pick<App, "database" | "mails" | "config" | "limitAccountMails">;
