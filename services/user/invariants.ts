import { describeRows, type Invariant, stateInvariant, taskInvariant } from "#kit/data/invariants.ts";
import { mailTask } from "./db/mails.ts";
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

/** What always holds over the rows of user. */
export const invariants: readonly Invariant[] = [
  sessions,
  stateInvariant({
    table: "user",
    id: "user_id",
    column: "status",
    transitions: userTransitions,
    setIn: {},
  }),
  stateInvariant({
    table: "mail",
    id: "mail_id",
    transitions: mailTransitions,
    setIn: { finish_time: ["SENT", "DROPPED", "PARKED"] },
  }),
  taskInvariant({ kind: mailTask, table: "mail", id: "mail_id", waiting: "state = 'PENDING'" }),
];
