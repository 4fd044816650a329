import { DataTypes } from "sequelize";
import type { Database, Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert, raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { finishTask, scheduleTask, type Task } from "#kit/data/tasks.ts";
import { type Mail, type MailContent, type MailState, mailTransitions } from "../domain/mail.ts";

/** The tasks of mails; one exists while its mail is PENDING. */
export const mailTask = "mail";

const mails = table<Mail>("mail", {
  mailId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  userId: DataTypes.BIGINT,
  template: DataTypes.STRING,
  data: DataTypes.JSON,
  state: DataTypes.STRING,
  lastFailure: DataTypes.STRING,
  createTime: DataTypes.DATE(6),
  finishTime: DataTypes.DATE(6),
});

/** Adds a mail to a user, due now. */
export async function insertMail(tx: Tx, userId: bigint, { template, data }: MailContent): Promise<void> {
  const mailId = await insert(tx, "mail", { userId, template, data: JSON.stringify(data) });
  await scheduleTask(tx, mailTask, mailId.toString(), 0);
}

/** True where an activation mail to the user is pending, or was added within `intervalMs`. */
export async function hasRecentActivationMail(tx: Tx, userId: bigint, intervalMs: number): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM mail WHERE user_id = ? AND template = 'ACTIVATION'
        AND (state = 'PENDING' OR create_time > NOW(6) - INTERVAL ? MICROSECOND) LIMIT 1`,
    [userId, intervalMs * 1000],
  );
  return rows.length > 0;
}

/** Reads the mail of a task. Undefined where another replica finished it after the claim was lost. */
export function findPendingMail(from: Queryable, { id }: Task): Promise<Mail | undefined> {
  return mails(from).find({ where: { mailId: BigInt(id), state: "PENDING" } });
}

/** Moves a mail to its final state and ends its task. */
export function finishMail(
  database: Database,
  task: Task,
  { state, failure }: { state: Exclude<MailState, "PENDING">; failure?: string },
): Promise<void> {
  return database.transaction(async tx => {
    await moveState(tx, {
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
