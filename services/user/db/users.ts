import { DataTypes, Op } from "sequelize";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert, raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";
import { type User, type UserStatus, userTransitions } from "../domain/user.ts";

const users = table<User>("user", {
  userId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  email: DataTypes.STRING,
  phone: DataTypes.STRING,
  passwordHash: DataTypes.STRING,
  name: DataTypes.STRING,
  profileImageUrl: DataTypes.STRING,
  role: DataTypes.STRING,
  status: DataTypes.STRING,
  createTime: DataTypes.DATE(6),
  withdrawTime: DataTypes.DATE(6),
});

/** Adds a user. Returns the id; undefined where the e-mail address has an account. */
export async function insertUser(
  tx: Tx,
  { email, phone, passwordHash, name }: Pick<User, "email" | "phone" | "passwordHash" | "name">,
): Promise<bigint | undefined> {
  try {
    return await insert(tx, "user", { email, phone, passwordHash, name });
  } catch (error) {
    if (violatedKey(error) === "uq_user_email") {
      return undefined;
    }
    throw error;
  }
}

export async function findUser(from: Queryable, userId: bigint): Promise<User | undefined> {
  const [user] = await from.query<User>("SELECT * FROM user WHERE user_id = ?", [userId]);
  return user;
}

/** Whether a user is an administrator who is active. */
export async function isAdministrator(from: Queryable, userId: bigint): Promise<boolean> {
  const user = await findUser(from, userId);
  return user?.role === "ADMIN" && user.status === "ACTIVE";
}

/** Reads those of the users who exist, in no particular order. */
export function findUsers(from: Queryable, userIds: readonly bigint[]): Promise<User[]> {
  return users(from).list({ where: { userId: [...userIds] } });
}

/** Reads the user who has an address; one who withdrew has none. */
export function findUserByEmail(from: Queryable, email: string): Promise<User | undefined> {
  return users(from).find({ where: { email, status: { [Op.ne]: "WITHDRAWN" } } });
}

/** Reads a user and locks the row until the transaction ends, which also keeps sessions from starting. */
export async function lockUser(tx: Tx, userId: bigint): Promise<User | undefined> {
  const [user] = await tx.query<User>("SELECT * FROM user WHERE user_id = ? FOR UPDATE", [userId]);
  return user;
}

/** Like lockUser, by e-mail address. */
export async function lockUserByEmail(tx: Tx, email: string): Promise<User | undefined> {
  const [user] = await tx.query<User>("SELECT * FROM user WHERE email = ? FOR UPDATE", [email]);
  return user;
}

/** Replaces name, picture and, if given, the phone number. Returns false where the user is unknown or withdrew. */
export async function updateProfile(
  tx: Tx,
  userId: bigint,
  { name, profileImageUrl, phone }: Pick<User, "name" | "profileImageUrl"> & { phone?: string | undefined },
): Promise<boolean> {
  const values = { name, profileImageUrl, ...(phone === undefined ? {} : { phone }) };
  const where = { userId, status: { [Op.ne]: "WITHDRAWN" } };
  return (await users(tx).update(values, where)) === 1;
}

/** Replaces an active user's password hash. Returns false where it is no longer `from`, or the user is not active. */
export async function replacePasswordHash(
  tx: Tx,
  userId: bigint,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const where = { userId, passwordHash: from, status: "ACTIVE" } as const;
  return (await users(tx).update({ passwordHash: to }, where)) === 1;
}

/** Replaces the address of a user. Returns false where it has an account. */
export async function replaceEmail(tx: Tx, userId: bigint, email: string): Promise<boolean> {
  try {
    await users(tx).update({ email }, { userId });
    return true;
  } catch (error) {
    if (violatedKey(error) === "uq_user_email") {
      return false;
    }
    throw error;
  }
}

/** The active users with a phone number, the oldest first. */
export function listUsersByPhone(from: Queryable, phone: string, limit: number): Promise<User[]> {
  return users(from).list({ where: { phone, status: "ACTIVE" }, order: [["userId", "ASC"]], limit });
}

/** Gives an active user the hash of a password that is not known to anyone, so that a new one has to be set. */
export async function lockPassword(tx: Tx, userId: bigint, unknownHash: string): Promise<void> {
  await users(tx).update({ passwordHash: unknownHash }, { userId, status: "ACTIVE" });
}

/** Makes an active user an administrator. Returns false where the user is not active. */
export async function grantAdminRole(tx: Tx, userId: bigint): Promise<boolean> {
  return (await users(tx).update({ role: "ADMIN" }, { userId, status: "ACTIVE" })) === 1;
}

/** Takes the role of an administrator away. Returns false where the user is none. */
export async function revokeAdminRole(tx: Tx, userId: bigint): Promise<boolean> {
  return (await users(tx).update({ role: "USER" }, { userId, role: "ADMIN" })) === 1;
}

/** Bans a user who is not banned yet. */
export async function banUser(tx: Tx, userId: bigint): Promise<void> {
  await moveState(tx, moveOf(userId, "BANNED"));
}

/** Lifts the ban of a user who is banned. */
export async function unbanUser(tx: Tx, userId: bigint): Promise<void> {
  await moveState(tx, moveOf(userId, "ACTIVE"));
}

/** The tasks of withdrawals; one exists until the withdrawal was published again. */
export const withdrawalTask = "withdrawal";

/** Withdraws an active user and erases their personal data. Returns when, or undefined where the user is not active. */
export async function withdrawUser(tx: Tx, userId: bigint): Promise<Date | undefined> {
  const erased = {
    email: `${userId}@withdrawn.invalid`,
    phone: "",
    passwordHash: "",
    name: "",
    profileImageUrl: "",
    withdrawTime: raw("NOW(6)"),
  };
  const moved = await moveState(tx, { ...moveOf(userId, "WITHDRAWN"), set: erased });
  return moved === 1 ? ((await findUser(tx, userId))?.withdrawTime ?? undefined) : undefined;
}

function moveOf(userId: bigint, to: UserStatus) {
  return {
    table: "user",
    column: "status",
    transitions: userTransitions,
    to,
    where: { sql: "user_id = ?", values: [userId] },
  };
}
