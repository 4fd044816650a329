import { randomBytes } from "node:crypto";
import { backoffMs, claimDue } from "#kit/claims.ts";
import type { Floor } from "#kit/floor.ts";
import type { UserConfig } from "../config.ts";
import { activationMail } from "../mail/activation.ts";
import { chargeReceiptMail } from "../mail/charge-receipt.ts";
import type { ComposedMail } from "../mail/mail.ts";
import { type Mailer, mailerConnections } from "../mail/mailer.ts";
import { purchaseReceiptMail } from "../mail/purchase-receipt.ts";
import { replaceActivationToken } from "../store/activation-tokens.ts";
import { findWaitingMail, finishMail, postponeMail, type WaitingMail } from "../store/mails.ts";

/** Sends mails that are due, oldest first. Returns true where there may be more. Any number of replicas may run it. */
export function createSendMails(dependencies: Dependencies): () => Promise<boolean> {
  const { database, instance, userConfig } = dependencies;
  return async () => {
    const mailIds = await claimDue<bigint>(database, {
      table: "mail",
      key: "mail_id",
      due: "state = 'PENDING'",
      owner: instance,
      limit: mailerConnections,
      claimMs: userConfig.USER_MAIL_CLAIM_MS,
    });
    await Promise.all(mailIds.map(mailId => sendMail(mailId, dependencies)));
    return mailIds.length === mailerConnections;
  };
}

async function sendMail(mailId: bigint, dependencies: Dependencies): Promise<void> {
  const { database, mailer } = dependencies;
  const waiting = await findWaitingMail(database, mailId);
  if (waiting === undefined) {
    return;
  }
  try {
    const composed = await compose(waiting, dependencies);
    if (waiting.recipient === undefined || composed === undefined) {
      await finishMail(database, mailId, "DROPPED");
      return;
    }
    await mailer.send(waiting.recipient, composed);
  } catch (error) {
    await putOff(waiting, error, dependencies);
    return;
  }
  await finishMail(database, mailId, "SENT");
}

/** Undefined where nobody needs the mail any more. */
async function compose(
  { userId, mail, recipient }: WaitingMail,
  { database, userConfig }: Dependencies,
): Promise<ComposedMail | undefined> {
  if (recipient === undefined) {
    return undefined;
  }
  if (mail.template === "PURCHASE_RECEIPT") {
    return purchaseReceiptMail(recipient.name, mail.data);
  }
  if (mail.template === "CHARGE_RECEIPT") {
    return chargeReceiptMail(recipient.name, mail.data);
  }
  if (recipient.status !== "PENDING") {
    return undefined;
  }
  const token = randomBytes(32).toString("base64url");
  const lifetimeSeconds = userConfig.USER_ACTIVATION_LIFETIME_SECONDS;
  await replaceActivationToken(database, userId, { token, lifetimeSeconds });
  return activationMail({ name: recipient.name, siteUrl: userConfig.USER_SITE_URL, token, lifetimeSeconds });
}

async function putOff(
  { mailId, mail: { template }, attempts }: WaitingMail,
  cause: unknown,
  { database, userConfig, log }: Dependencies,
): Promise<void> {
  const error = describe(cause);
  const baseMs = userConfig.USER_MAIL_RETRY_MS;
  const parked = attempts >= userConfig.USER_MAIL_ATTEMPTS_MAX;
  if (parked) {
    await finishMail(database, mailId, "PARKED", error);
  } else {
    await postponeMail(database, mailId, {
      delayMs: backoffMs(attempts - 1, { baseMs, maxMs: baseMs * 256 }),
      error,
    });
  }
  log[parked ? "error" : "warn"](
    { mailId: mailId.toString(), template, attempts, error, parked },
    "mail was not sent",
  );
}

// The text of an SMTP error names the recipient, so only its codes are kept.
function describe(error: unknown): string {
  const { name, code, responseCode } = error as { name?: string; code?: string; responseCode?: number };
  return [name ?? "Error", code, responseCode]
    .filter(part => part !== undefined)
    .join(" ")
    .slice(0, 80);
}

type Dependencies = Pick<Floor, "database" | "instance" | "log"> & {
  readonly mailer: Mailer;
  readonly userConfig: UserConfig;
};
