import { DataTypes } from "sequelize";
import type { Database, Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insertAllReturning, raw } from "#kit/data/sql.ts";
import { moveStateDeferred } from "#kit/data/state-machine.ts";
import { finishTask, scheduleTasks, type Task } from "#kit/data/tasks.ts";
import {
  type Mail,
  type MailState,
  mailTransitions,
  type NewMail,
  type PendingMail,
} from "../domain/mail.ts";

/** The tasks of mails; one exists while its mail is PENDING. */
export const mailTask = "mail";

// The columns of all templates; the type Mail says which belong to which.
const mails = table<Mail & { userId: bigint; registrationId: string; requestId: string; data: object }>(
  "mail",
  {
    mailId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
    userId: DataTypes.BIGINT,
    registrationId: DataTypes.STRING,
    requestId: DataTypes.STRING,
    template: DataTypes.STRING,
    data: DataTypes.JSON,
    state: DataTypes.STRING,
    lastFailure: DataTypes.STRING,
    createTime: DataTypes.DATE(6),
    finishTime: DataTypes.DATE(6),
  },
);

/** Adds mails of one template, due now. */
export async function insertMails(tx: Tx, added: readonly NewMail[]): Promise<void> {
  const rows = added.map(mail => ("data" in mail ? { ...mail, data: JSON.stringify(mail.data) } : mail));
  const inserted = await insertAllReturning<{ mailId: bigint }>(tx, "mail", rows, ["mailId"]);
  if (inserted.length > 0) {
    await scheduleTasks(
      tx,
      mailTask,
      inserted.map(({ mailId }) => mailId.toString()),
    );
  }
}

/** Counts the mails for a registration, and those that are pending or were added within `intervalMs`. */
export async function countMailsFor(
  tx: Tx,
  registrationId: string,
  intervalMs: number,
): Promise<{ all: number; recent: number }> {
  const [row] = await tx.query<{ mails: bigint; recent: bigint }>(
    `SELECT COUNT(*) AS mails, COUNT(IF(state = 'PENDING' OR create_time > NOW(6) - INTERVAL ? MICROSECOND, 1, NULL))
        AS recent FROM mail WHERE registration_id = ?`,
    [intervalMs * 1000, registrationId],
  );
  return { all: Number(row?.mails), recent: Number(row?.recent) };
}

/** Reads the mail of a task. Undefined where another replica finished it after the claim was lost. */
export async function findPendingMail(from: Queryable, { id }: Task): Promise<PendingMail | undefined> {
  const [mail] = await from.query<PendingMail>(
    `SELECT mail.*, email, name, status FROM mail LEFT JOIN user ON user.user_id = mail.user_id
      WHERE mail_id = ? AND state = 'PENDING'`,
    [BigInt(id)],
  );
  return mail;
}

/** Reads the newest mails to a user. */
export function listMailsTo(from: Queryable, userId: bigint, limit: number): Promise<Mail[]> {
  return mails(from).list({ where: { userId }, order: [["mailId", "DESC"]], limit });
}

/** Moves a mail to its final state and ends its task. */
export function finishMail(
  database: Database,
  task: Task,
  { state, failure }: { state: Exclude<MailState, "PENDING">; failure?: string },
): Promise<void> {
  return database.transaction(async tx => {
    await moveStateDeferred(tx, {
      table: "mail",
      transitions: mailTransitions,
      to: state,
      where: { sql: "mail_id = ?", values: [BigInt(task.id)] },
      set: { finishTime: raw("NOW(6)"), lastFailure: failure ?? null },
    });
    await finishTask(tx, task);
  });
}

/** Removes mails that were finished more than `keepDays` ago. Returns how many. */
export async function removeOldMails(to: Queryable, keepDays: number, limit: number): Promise<number> {
  const { affectedRows } = await to.execute(
    "DELETE FROM mail WHERE finish_time < NOW(6) - INTERVAL ? DAY LIMIT ?",
    [keepDays, limit],
  );
  return affectedRows;
}
