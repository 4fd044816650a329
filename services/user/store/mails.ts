import type { Database, Queryable, Tx } from "#kit/database.ts";
import type { AccountStatus } from "../account-rules.ts";
import type { Mail } from "../mail/mail.ts";

/** A mail that waits, and who gets it; without a recipient where there is no such user. */
export interface WaitingMail {
  readonly mailId: bigint;
  readonly userId: bigint;
  readonly mail: Mail;
  readonly attempts: number;
  readonly recipient:
    | { readonly email: string; readonly name: string; readonly status: AccountStatus }
    | undefined;
}

interface Row {
  mail_id: bigint;
  user_id: bigint;
  template: Mail["template"];
  data: string;
  attempts: number;
  email: string | null;
  name: string | null;
  status: AccountStatus | null;
}

/** Adds a mail to a user. */
export async function insertMail(tx: Tx, userId: bigint, { template, data }: Mail): Promise<void> {
  await tx.execute("INSERT INTO mail (user_id, template, data) VALUES (?, ?, ?)", [
    userId,
    template,
    JSON.stringify(data),
  ]);
}

/** True where an activation mail to the user waits, or was made within `intervalMs`. */
export async function hasRecentActivationMail(tx: Tx, userId: bigint, intervalMs: number): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM mail WHERE user_id = ? AND template = 'ACTIVATION'
       AND (state = 'PENDING' OR create_time > NOW(6) - INTERVAL ? MICROSECOND) LIMIT 1`,
    [userId, intervalMs * 1000],
  );
  return rows.length > 0;
}

/** Reads a mail that waits to be sent. */
export async function findWaitingMail(from: Database, mailId: bigint): Promise<WaitingMail | undefined> {
  const [row] = await from.query<Row>(
    `SELECT m.mail_id, m.user_id, m.template, m.data, m.attempts, u.email, u.name, u.status
       FROM mail m LEFT JOIN user u ON u.user_id = m.user_id WHERE m.mail_id = ? AND m.state = 'PENDING'`,
    [mailId],
  );
  if (row === undefined) {
    return undefined;
  }
  const { email, name, status } = row;
  return {
    mailId: row.mail_id,
    userId: row.user_id,
    mail: { template: row.template, data: JSON.parse(row.data) } as Mail,
    attempts: Number(row.attempts),
    recipient: email === null || name === null || status === null ? undefined : { email, name, status },
  };
}

/** Ends the wait of a mail: it was sent, dropped because nobody needs it, or parked after too many attempts. */
export async function finishMail(
  to: Database,
  mailId: bigint,
  state: "SENT" | "DROPPED" | "PARKED",
  error?: string,
): Promise<void> {
  await to.execute(
    `UPDATE mail SET state = ?, last_error = ?, finish_time = NOW(6), claimed_by = NULL, claimed_until = NULL
      WHERE mail_id = ? AND state = 'PENDING'`,
    [state, error ?? null, mailId],
  );
}

/** Puts off the next attempt. */
export async function postponeMail(
  to: Database,
  mailId: bigint,
  { delayMs, error }: { delayMs: number; error: string },
): Promise<void> {
  await to.execute(
    `UPDATE mail SET last_error = ?, next_attempt_time = NOW(6) + INTERVAL ? MICROSECOND, claimed_by = NULL, claimed_until = NULL
      WHERE mail_id = ? AND state = 'PENDING'`,
    [error, delayMs * 1000, mailId],
  );
}

/** Removes mails that were finished more than `keepDays` ago. Returns how many. */
export async function removeOldMails(to: Queryable, keepDays: number, limit: number): Promise<number> {
  const { affectedRows } = await to.execute(
    "DELETE FROM mail WHERE finish_time < NOW(6) - INTERVAL ? DAY LIMIT ?",
    [keepDays, limit],
  );
  return affectedRows;
}
