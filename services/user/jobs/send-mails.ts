import { randomBytes } from "node:crypto";
import { taskJob } from "#kit/data/task-job.ts";
import { finishTask, postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { findPendingMail, finishMail, mailTask } from "../db/mails.ts";
import { findRegistration, replaceActivationToken } from "../db/registrations.ts";
import { findUser, findUserByEmail } from "../db/users.ts";
import type { Mail } from "../domain/mail.ts";
import { accountExistsMail } from "../mail/account-exists.ts";
import { activationMail } from "../mail/activation.ts";
import { chargeReceiptMail } from "../mail/charge-receipt.ts";
import { type ComposedMail, mailerConnections } from "../mail/mailer.ts";
import { purchaseReceiptMail } from "../mail/purchase-receipt.ts";

/** Sends mails that are due. */
export function sendMails(app: Dependencies): Job {
  const { pollMs, claimMs } = app.config.mail;
  const options = {
    name: "send-mails",
    kind: mailTask,
    parallel: mailerConnections,
    pollMs,
    claimMs,
    wakeup: app.mailWakeup,
  };
  return taskJob(app, options, (task, signal) =>
    withClaim(app.database, task, claimLost => sendMail(task, AbortSignal.any([signal, claimLost]), app)),
  );
}

async function sendMail(task: Task, signal: AbortSignal, app: Dependencies): Promise<void> {
  const { database, mailer } = app;
  const mail = await findPendingMail(database, task);
  if (mail === undefined) {
    return finishTask(database, task);
  }
  try {
    const composed = await compose(mail, app);
    if (composed === undefined) {
      return await finishMail(database, task, { state: "DROPPED" });
    }
    if (signal.aborted) {
      return await postponeTask(database, task, { delayMs: 0, error: "stopped" });
    }
    await mailer.send(composed);
  } catch (error) {
    return retryOrPark(task, mail, error, app);
  }
  await finishMail(database, task, { state: "SENT" });
}

/** Undefined where the mail is not needed any more. */
async function compose(mail: Mail, app: Dependencies): Promise<ComposedMail | undefined> {
  if (mail.template === "REGISTRATION") {
    return composeForRegistration(mail.registrationId, app);
  }
  const user = await findUser(app.database, mail.userId);
  if (user === undefined || user.status === "WITHDRAWN") {
    return undefined;
  }
  return mail.template === "PURCHASE_RECEIPT"
    ? purchaseReceiptMail(user, mail.data)
    : chargeReceiptMail(user, mail.data);
}

// Decided here and not when the user registers, so that a registration takes the same steps either way.
async function composeForRegistration(
  registrationId: string,
  { database, config: { siteUrl } }: Dependencies,
): Promise<ComposedMail | undefined> {
  const registration = await findRegistration(database, registrationId);
  if (registration === undefined) {
    return undefined;
  }
  const { email, createTime, expireTime } = registration;
  if ((await findUserByEmail(database, email)) !== undefined) {
    return accountExistsMail(email, siteUrl);
  }
  const token = randomBytes(32).toString("base64url");
  const isStored = await replaceActivationToken(database, registrationId, token);
  return isStored ? activationMail(email, { siteUrl, token, createTime, expireTime }) : undefined;
}

async function retryOrPark(
  task: Task,
  { template }: Mail,
  cause: unknown,
  { database, config, log }: Dependencies,
): Promise<void> {
  const { maxAttempts, retryBaseMs, retryMaxMs } = config.mail;
  const { attempts } = task;
  const failure = describe(cause);
  const isParked = attempts >= maxAttempts;
  if (isParked) {
    await finishMail(database, task, { state: "PARKED", failure });
  } else {
    const delayMs = backoffMs(attempts, { baseMs: retryBaseMs, maxMs: retryMaxMs });
    await postponeTask(database, task, { delayMs, error: failure });
  }
  log[isParked ? "error" : "warn"](
    { mailId: task.id, template, attempts, error: failure },
    isParked ? "mail parked" : "mail not sent, will be retried",
  );
}

// An SMTP error names the recipient in its text, so only its codes are stored and logged.
function describe(error: unknown): string {
  const { name, code, responseCode } = error as { name?: string; code?: string; responseCode?: number };
  return [name ?? "Error", code, responseCode]
    .filter(part => part !== undefined)
    .join(" ")
    .slice(0, 80);
}

type Dependencies = Pick<App, "database" | "instance" | "log" | "config" | "mailer" | "mailWakeup">;
