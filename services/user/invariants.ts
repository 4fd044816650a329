import type { Database } from "#kit/data/database.ts";
import { describeRows, type Invariant, stateInvariant, taskInvariant } from "#kit/data/invariants.ts";
import { mailTask } from "./db/mails.ts";
import { findUser, withdrawalTask } from "./db/users.ts";
import { mailTransitions } from "./domain/mail.ts";
import { userTransitions } from "./domain/user.ts";

const sessions: Invariant = {
  name: "I8 sessions of active users",
  check: database =>
    describeRows<{ sessionId: string; status: string }>(
      database,
      {
        sql: `SELECT s.session_id, u.status FROM session s JOIN user u ON u.user_id = s.user_id
          WHERE u.status <> 'ACTIVE' AND s.end_time IS NULL`,
      },
      ({ sessionId, status }) => `session ${sessionId} is open, its user is ${status}`,
    ),
};

const erasure: Invariant = {
  name: "I8 withdrawn users are erased",
  check: database =>
    describeRows<{ userId: bigint }>(
      database,
      {
        sql: `SELECT user_id FROM user WHERE status = 'WITHDRAWN' AND (email <> CONCAT(user_id, '@withdrawn.invalid')
          OR CONCAT(phone, password_hash, name, profile_image_url) <> ''
          OR EXISTS (SELECT 1 FROM social_account a WHERE a.user_id = user.user_id))`,
      },
      ({ userId }) => `user ${userId} withdrew and still has personal data`,
    ),
};

const logins: Invariant = {
  name: "I8 active users can log in",
  check: database =>
    describeRows<{ userId: bigint }>(
      database,
      {
        sql: `SELECT u.user_id FROM user u LEFT JOIN social_account a ON a.user_id = u.user_id
          WHERE u.status = 'ACTIVE' AND u.password_hash IS NULL AND a.user_id IS NULL`,
      },
      ({ userId }) => `user ${userId} has neither a password nor a social account`,
    ),
};

/** What always holds over the rows of user. */
export const invariants: readonly Invariant[] = [
  sessions,
  erasure,
  logins,
  stateInvariant({
    table: "user",
    id: "user_id",
    column: "status",
    transitions: userTransitions,
    setIn: { withdraw_time: ["WITHDRAWN"] },
  }),
  stateInvariant({
    table: "mail",
    id: "mail_id",
    transitions: mailTransitions,
    setIn: { finish_time: ["SENT", "DROPPED", "PARKED"] },
  }),
  taskInvariant({
    kind: withdrawalTask,
    table: "user",
    id: "user_id",
    // It takes longer than this until the withdrawal is published again.
    waiting: "status = 'WITHDRAWN' AND withdraw_time > NOW(6) - INTERVAL 60 SECOND",
    mayRecheck: true,
  }),
  taskInvariant({ kind: mailTask, table: "mail", id: "mail_id", waiting: "state = 'PENDING'" }),
];

/** True for a user who has an account; one who withdrew has none. */
export async function hasAccount(database: Database, userId: bigint): Promise<boolean> {
  const user = await findUser(database, userId);
  return user !== undefined && user.status !== "WITHDRAWN";
}
