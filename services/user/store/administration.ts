import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type AdminUser, AdminUserSchema, Role, UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Queryable, Tx } from "#kit/database.ts";
import type { AccountStatus } from "../account-rules.ts";

interface Row {
  user_id: bigint;
  email: string;
  name: string;
  status: AccountStatus;
  role: "USER" | "ADMIN";
  create_time: Date;
}

const select = "SELECT user_id, email, name, status, role, create_time FROM user";

/** Reads what an operator sees of the account of an address. */
export async function findAdminUserByEmail(from: Queryable, email: string): Promise<AdminUser | undefined> {
  const [row] = await from.query<Row>(`${select} WHERE email = ?`, [email]);
  return row && toAdminUser(row);
}

/** Reads what an operator sees of an account. */
export async function findAdminUser(from: Queryable, userId: bigint): Promise<AdminUser | undefined> {
  const [row] = await from.query<Row>(`${select} WHERE user_id = ?`, [userId]);
  return row && toAdminUser(row);
}

/** Bans a user. */
export async function banUser(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("UPDATE user SET status = 'BANNED' WHERE user_id = ?", [userId]);
}

/** Gives a banned user the status of before: an address that was never confirmed still has to be. */
export async function unbanUser(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute(
    "UPDATE user SET status = IF(activate_time IS NULL, 'PENDING', 'ACTIVE') WHERE user_id = ? AND status = 'BANNED'",
    [userId],
  );
}

/** Makes an active user an operator. Returns false where the user is not active. */
export async function makeAdmin(tx: Tx, userId: bigint): Promise<boolean> {
  const { affectedRows } = await tx.execute(
    "UPDATE user SET role = 'ADMIN' WHERE user_id = ? AND status = 'ACTIVE'",
    [userId],
  );
  return affectedRows === 1;
}

function toAdminUser(row: Row): AdminUser {
  return create(AdminUserSchema, {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    status: UserStatus[row.status],
    role: Role[row.role],
    createTime: timestampFromDate(row.create_time),
  });
}
