import { taskJob } from "#kit/data/task-job.ts";
import { finishTask, postponeTask, type Task, withClaim } from "#kit/data/tasks.ts";
import { backoffMs } from "#kit/process/backoff.ts";
import type { Job } from "#kit/process/loop.ts";
import type { App } from "../app.ts";
import { findPendingMail, finishMail, mailTask } from "../db/mails.ts";
import type { Mail } from "../domain/mail.ts";
import { composeMail, type MailDependencies } from "../mail/compose-mail.ts";
import { mailerConnections } from "../mail/mailer.ts";

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
    return database.transaction(tx => finishTask(tx, task));
  }
  try {
    const composed = await composeMail(mail, app);
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

type Dependencies = MailDependencies & Pick<App, "instance" | "log" | "mailer" | "mailWakeup">;
