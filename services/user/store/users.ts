import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Profile, ProfileSchema, Role } from "#gen/questioncloud/user/v1/user_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";
import type { AccountStatus } from "../account-rules.ts";

/** What signing in needs to know of an account. */
export interface Account {
  readonly userId: bigint;
  readonly email: string;
  readonly passwordHash: string;
  readonly role: "USER" | "ADMIN";
  readonly status: AccountStatus;
}

interface AccountRow {
  user_id: bigint;
  email: string;
  password_hash: string;
  role: Account["role"];
  status: AccountStatus;
}

const selectAccount = "SELECT user_id, email, password_hash, role, status FROM user";

/** Adds an account that waits for its activation; or tells what another account has already. */
export async function insertUser(
  tx: Tx,
  user: { email: string; phone: string; passwordHash: string; name: string },
): Promise<{ userId: bigint } | { taken: "email" | "phone" }> {
  try {
    const { insertId } = await tx.execute(
      "INSERT INTO user (email, phone, password_hash, name) VALUES (?, ?, ?, ?)",
      [user.email, user.phone, user.passwordHash, user.name],
    );
    return { userId: insertId };
  } catch (error) {
    const key = violatedKey(error);
    if (key === "uq_user_email" || key === "uq_user_phone") {
      return { taken: key === "uq_user_email" ? "email" : "phone" };
    }
    throw error;
  }
}

/** Reads the account of an address. */
export async function findAccountByEmail(from: Queryable, email: string): Promise<Account | undefined> {
  const [row] = await from.query<AccountRow>(`${selectAccount} WHERE email = ?`, [email]);
  return row && toAccount(row);
}

/** Reads an account. */
export async function findAccount(from: Queryable, userId: bigint): Promise<Account | undefined> {
  const [row] = await from.query<AccountRow>(`${selectAccount} WHERE user_id = ?`, [userId]);
  return row && toAccount(row);
}

/** Reads an account and keeps others from changing it, and from opening sessions, until the end of the transaction. */
export async function lockAccount(tx: Tx, userId: bigint): Promise<Account | undefined> {
  const [row] = await tx.query<AccountRow>(`${selectAccount} WHERE user_id = ? FOR UPDATE`, [userId]);
  return row && toAccount(row);
}

/** Like lockAccount, by address. */
export async function lockAccountByEmail(tx: Tx, email: string): Promise<Account | undefined> {
  const [row] = await tx.query<AccountRow>(`${selectAccount} WHERE email = ? FOR UPDATE`, [email]);
  return row && toAccount(row);
}

/** Replaces the password hash of an active account. Returns false where it is not `from` any more, or the account is not active. */
export async function replacePasswordHash(
  tx: Tx,
  userId: bigint,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE user SET password_hash = ? WHERE user_id = ? AND password_hash = ? AND status = 'ACTIVE'",
    [to, userId, from],
  );
  return affectedRows === 1;
}

/** Activates an account that waits for it. Returns false where it does not. */
export async function activatePending(tx: Tx, userId: bigint): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE user SET status = 'ACTIVE', activate_time = NOW(6) WHERE user_id = ? AND status = 'PENDING'",
    [userId],
  );
  return affectedRows === 1;
}

interface ProfileRow {
  user_id: bigint;
  email: string;
  name: string;
  phone: string;
  profile_image_url: string;
  role: Account["role"];
  create_time: Date;
}

/** Reads the profile of a user. */
export async function findProfile(from: Queryable, userId: bigint): Promise<Profile | undefined> {
  const [row] = await from.query<ProfileRow>(
    "SELECT user_id, email, name, phone, profile_image_url, role, create_time FROM user WHERE user_id = ?",
    [userId],
  );
  return (
    row &&
    create(ProfileSchema, {
      userId: row.user_id,
      email: row.email,
      name: row.name,
      phone: row.phone,
      profileImageUrl: row.profile_image_url,
      role: Role[row.role],
      createTime: timestampFromDate(row.create_time),
    })
  );
}

/** Replaces name and picture. Returns false where there is no such user. */
export async function updateProfile(
  tx: Tx,
  userId: bigint,
  { name, profileImageUrl }: { name: string; profileImageUrl: string },
): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE user SET name = ?, profile_image_url = ? WHERE user_id = ?",
    [name, profileImageUrl, userId],
  );
  return affectedRows === 1;
}

function toAccount(row: AccountRow): Account {
  return {
    userId: row.user_id,
    email: row.email,
    passwordHash: row.password_hash,
    role: row.role,
    status: row.status,
  };
}
