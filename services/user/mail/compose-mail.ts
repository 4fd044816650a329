import { randomBytes } from "node:crypto";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "../app.ts";
import {
  findAccountRequest,
  forgetOlderTokens,
  removeRequest,
  replaceReportToken,
  replaceRequestToken,
} from "../db/account-requests.ts";
import { findRegistration, replaceActivationToken } from "../db/registrations.ts";
import { findUserByEmail, listUsersByPhone } from "../db/users.ts";
import { type AccountRequest, maxReminders } from "../domain/account-request.ts";
import type { Mail, PendingMail } from "../domain/mail.ts";
import { accountExistsMail } from "./account-exists.ts";
import { activationMail } from "./activation.ts";
import { chargeReceiptMail } from "./charge-receipt.ts";
import { confirmationMail } from "./confirmation.ts";
import { emailAddressMail } from "./email-address.ts";
import { emailChangeMail, emailChangeNoticeMail } from "./email-change.ts";
import type { ComposedMail } from "./mailer.ts";
import { notificationMail } from "./notification.ts";
import { noPasswordMail, passwordResetMail } from "./password-reset.ts";
import { purchaseReceiptMail } from "./purchase-receipt.ts";
import { socialAccountMail } from "./social-account.ts";

/**
 * Composes a mail when it is sent; undefined where it is not needed any more. What a mail says about an address is
 * decided here and not when someone asks, so that each request takes the same steps whether there is an account.
 */
export async function composeMail(
  mail: PendingMail,
  app: MailDependencies,
): Promise<ComposedMail | undefined> {
  switch (mail.template) {
    case "REGISTRATION":
      return composeForRegistration(mail.registrationId, app);
    case "PURCHASE_RECEIPT":
    case "CHARGE_RECEIPT":
    case "EMAIL_ADDRESS":
    case "SOCIAL_ACCOUNT":
    case "NOTIFICATION":
      return composeForUser(mail, app.config.siteUrl);
    default: {
      const request = await findAccountRequest(app.database, mail.requestId);
      return request && composeForRequest(mail.template, request, app);
    }
  }
}

function composeForUser(
  mail: Extract<PendingMail, { userId: bigint }>,
  siteUrl: string,
): ComposedMail | undefined {
  if (mail.status === null || mail.status === "WITHDRAWN") {
    return undefined;
  }
  switch (mail.template) {
    case "PURCHASE_RECEIPT":
      return purchaseReceiptMail(mail, mail.data);
    case "CHARGE_RECEIPT":
      return chargeReceiptMail(mail, mail.data);
    case "EMAIL_ADDRESS":
      return emailAddressMail(mail.email, siteUrl);
    case "SOCIAL_ACCOUNT":
      return socialAccountMail(mail.email, mail.data, siteUrl);
    case "NOTIFICATION":
      return mail.status === "ACTIVE" ? notificationMail(mail, mail.data, siteUrl) : undefined;
  }
}

async function composeForRegistration(
  registrationId: string,
  { database, config: { siteUrl } }: MailDependencies,
): Promise<ComposedMail | undefined> {
  const registration = await findRegistration(database, registrationId);
  if (registration === undefined) {
    return undefined;
  }
  const { email, createTime, expireTime } = registration;
  if ((await findUserByEmail(database, email)) !== undefined) {
    return accountExistsMail(email, siteUrl);
  }
  const token = createToken();
  const isStored = await replaceActivationToken(database, registrationId, token);
  return isStored ? activationMail(email, { siteUrl, token, createTime, expireTime }) : undefined;
}

type RequestTemplate = Extract<Mail, { requestId: string }>["template"];

async function composeForRequest(
  template: RequestTemplate,
  request: AccountRequest,
  app: MailDependencies,
): Promise<ComposedMail | undefined> {
  const { database, config } = app;
  const { email, previousEmail, createTime, expireTime } = request;
  const { siteUrl } = config;
  if (template === "EMAIL_REMINDER") {
    return remindAccounts(request, app);
  }
  if (template === "EMAIL_CHANGE_NOTICE") {
    const { reportDays } = config.accountRequests;
    const token = await storeToken(request, replaceReportToken, app);
    return token && previousEmail
      ? emailChangeNoticeMail(previousEmail, { siteUrl, token, createTime, reportDays })
      : undefined;
  }
  const user = email === null ? undefined : await findUserByEmail(database, email);
  if (email === null || (template !== "EMAIL_CHANGE" && user?.status !== "ACTIVE")) {
    return undefined;
  }
  if (template === "EMAIL_CHANGE" && user !== undefined) {
    return accountExistsMail(email, siteUrl);
  }
  if (template === "PASSWORD_RESET" && user?.passwordHash === null) {
    return noPasswordMail(email, siteUrl);
  }
  const token = await storeToken(request, replaceRequestToken, app);
  return token === undefined
    ? undefined
    : linkMails[template](email, { siteUrl, token, createTime, expireTime });
}

const linkMails = {
  PASSWORD_RESET: passwordResetMail,
  EMAIL_CHANGE: emailChangeMail,
  CONFIRMATION: confirmationMail,
};

/** Adds a mail to each account with the phone number. The request is used by that, so that it happens once. */
async function remindAccounts(
  { requestId, phone }: AccountRequest,
  { database, mails }: MailDependencies,
): Promise<undefined> {
  await database.transaction(async tx => {
    if (!(await removeRequest(tx, requestId)) || phone === null) {
      return;
    }
    for (const { userId } of await listUsersByPhone(tx, phone, maxReminders)) {
      await mails.add(tx, { template: "EMAIL_ADDRESS", userId });
    }
  });
}

/** Makes the token of a mail. Undefined where the request is over. */
async function storeToken(
  request: AccountRequest,
  store: (tx: Tx, requestId: string, token: string) => Promise<boolean>,
  { database }: MailDependencies,
): Promise<string | undefined> {
  const token = createToken();
  return database.transaction(async tx => {
    if (!(await store(tx, request.requestId, token))) {
      return undefined;
    }
    await forgetOlderTokens(tx, request);
    return token;
  });
}

function createToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What it takes to compose a mail. */
export type MailDependencies = Pick<App, "database" | "config" | "mails">;
