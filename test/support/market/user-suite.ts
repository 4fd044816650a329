import { randomUUID } from "node:crypto";
import type { Connection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { sharedStack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { activationTokens } from "./people.ts";

/** The password of every user that a suite registers. */
export const password = "correct-horse-1";
/** The id of a user who does not exist. */
export const unknownUserId = 2n ** 60n;

/** Clients of the user service, and a direct connection to its schema. */
export type UserSuite = Awaited<ReturnType<typeof openUserSuite>>;

/** Opens what the suites of the user service share, on the shared stack. */
export async function openUserSuite() {
  const stack = await sharedStack();
  const sql = await connectAdmin(stack.mariadb.url);
  await sql.query("USE user");
  const registration = () => createPublicClient(stack, RegistrationService);
  const auth = (token?: string, headers: Record<string, string> = {}) =>
    createPublicClient(stack, AuthService, { token, headers });
  const register = async (fields: Fields = {}) => {
    const request = { email: newEmail(), phone: newPhone(), name: "수험생", password, ...fields };
    const { registrationId } = await registration().registerUser(request);
    return { registrationId, email: request.email, phone: request.phone };
  };
  const refresh = (refreshToken: string) => auth().refreshSession({ refreshToken });
  return {
    stack,
    sql,
    registration,
    auth,
    refresh,
    newestToken: async (refreshToken: string) => (await refresh(refreshToken)).tokens?.refreshToken ?? "",
    account: (token: string) => createPublicClient(stack, AccountService, { token }),
    accounts: () => createPublicClient(stack, AccountService),
    profiles: (token: string) => createPublicClient(stack, ProfileService, { token }),
    admins: (token: string) => createPublicClient(stack, UserAdminService, { token }),
    register,
    /** Registers and activates, also an address that had an account before; returns the address. */
    async signUpWith({ email = newEmail(), ...fields }: Fields) {
      const { length } = await activationTokens(stack, email);
      await register({ email, ...fields });
      const token = await until(async () => {
        const tokens = await activationTokens(stack, email);
        return tokens.length > length ? tokens[0] : undefined;
      }, "the activation mail arrived");
      await registration().activateUser({ token, password });
      return email;
    },
    openSessions: (userId: bigint) => countOpenSessions(sql, userId),
    refuseMails: (to: string, times: number) =>
      fetch(`${stack.mailUrl}/sim/refuse`, { method: "POST", body: JSON.stringify({ to, times }) }),
    close: () => sql.end(),
  };
}

type Fields = Partial<Record<"email" | "phone" | "name" | "password", string>>;

async function countOpenSessions(sql: Connection, userId: bigint): Promise<number> {
  const [row] = await sql.query(
    "SELECT COUNT(*) AS n FROM session WHERE user_id = ? AND end_time IS NULL AND expire_time > NOW(6)",
    [userId],
  );
  return Number(row.n);
}

/** The id of a user or of a registration. */
type Addressee = bigint | string;

/** Reads the newest mail to an addressee with its task, whose columns are null where it has none. */
export async function mailRowOf(sql: Connection, to: Addressee) {
  const [row] = await sql.query(
    `SELECT m.*, t.attempts, t.last_error FROM mail m LEFT JOIN task t ON t.kind = 'mail' AND t.id = m.mail_id
      WHERE m.${columnOf(to)} = ? ORDER BY m.mail_id DESC`,
    [to],
  );
  return row;
}

/** Makes the pending mails to an addressee due now. */
export async function makeMailsDue(sql: Connection, to: Addressee): Promise<void> {
  await sql.query(`${updateTasks} SET t.due_time = NOW(6) WHERE m.${columnOf(to)} = ?`, [to]);
}

/** Makes the pending mails to an addressee due now, for the last time. */
export async function useUpMailAttempts(sql: Connection, to: Addressee): Promise<void> {
  await sql.query(`${updateTasks} SET t.attempts = 1000, t.due_time = NOW(6) WHERE m.${columnOf(to)} = ?`, [
    to,
  ]);
}

/** Claims the pending mails to an addressee for a replica that never returns. */
export async function claimMailsElsewhere(sql: Connection, to: Addressee, seconds: number): Promise<void> {
  await sql.query(
    `${updateTasks} SET t.owner = 'crashed', t.claimed_until = NOW(6) + INTERVAL ? SECOND, t.due_time = NOW(6)
      WHERE m.${columnOf(to)} = ?`,
    [seconds, to],
  );
}

const updateTasks = "UPDATE task t JOIN mail m ON t.kind = 'mail' AND t.id = m.mail_id";

/** Makes the mails to an addressee older, so that another may be requested. */
export async function ageMails(sql: Connection, to: Addressee): Promise<void> {
  await sql.query(`UPDATE mail SET create_time = create_time - INTERVAL 1 HOUR WHERE ${columnOf(to)} = ?`, [
    to,
  ]);
}

/** How many mails an addressee was or will be sent. */
export async function countMails(sql: Connection, to: Addressee): Promise<number> {
  const [row] = await sql.query(`SELECT COUNT(*) AS n FROM mail WHERE ${columnOf(to)} = ?`, [to]);
  return Number(row.n);
}

function columnOf(to: Addressee): string {
  return typeof to === "bigint" ? "user_id" : "registration_id";
}

/** True where any column of a row holds a token, as text or as its bytes. */
export function holds(row: Record<string, unknown>, token: string): boolean {
  const secret = Buffer.from(token, "base64url").subarray(-32);
  return Object.values(row).some(value => {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
    return bytes.includes(token) || bytes.includes(secret);
  });
}

/** An unused e-mail address. */
export function newEmail(): string {
  return `${randomUUID()}@example.com`;
}

/** An unused phone number. */
export function newPhone(): string {
  return `010${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
}
