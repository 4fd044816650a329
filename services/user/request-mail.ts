import type { App } from "./app.ts";
import { insertAccountRequest } from "./db/account-requests.ts";
import type { AccountRequest } from "./domain/account-request.ts";

/** What a user, or anyone, asks for, and who is mailed. */
type MailRequest = Pick<AccountRequest, "kind"> & Partial<Pick<AccountRequest, "userId" | "email" | "phone">>;

/** Stores a request, and its mail, which is decided on and composed when it is sent. */
export async function requestMail(
  { database, mails, config }: MailRequestDependencies,
  request: MailRequest,
): Promise<void> {
  const { lifetimeSeconds } = config.accountRequests;
  await database.transaction(async tx => {
    const requestId = await insertAccountRequest(tx, {
      ...request,
      lifetimeSeconds,
      keepSeconds: lifetimeSeconds,
    });
    await mails.add(tx, { template: request.kind, requestId });
  });
}

export type MailRequestDependencies = Pick<App, "database" | "mails" | "config">;
