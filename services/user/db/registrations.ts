import { DataTypes, literal, Op } from "sequelize";
import { v7 as uuidv7 } from "uuid";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert, raw } from "#kit/data/sql.ts";
import { hashSecret } from "../domain/refresh-token.ts";
import type { Registration } from "../domain/registration.ts";

const registrations = table<Registration>("registration", {
  registrationId: { type: DataTypes.STRING, primaryKey: true },
  email: DataTypes.STRING,
  phone: DataTypes.STRING,
  passwordHash: DataTypes.STRING,
  name: DataTypes.STRING,
  tokenHash: DataTypes.BLOB,
  createTime: DataTypes.DATE(6),
  expireTime: DataTypes.DATE(6),
});

/** Adds a registration. Returns its id. */
export async function insertRegistration(
  tx: Tx,
  { lifetimeSeconds, ...registration }: NewRegistration,
): Promise<string> {
  const registrationId = uuidv7();
  const expireTime = raw("NOW(6) + INTERVAL ? SECOND", [lifetimeSeconds]);
  await insert(tx, "registration", { registrationId, ...registration, expireTime });
  return registrationId;
}

interface NewRegistration extends Pick<Registration, "email" | "phone" | "passwordHash" | "name"> {
  readonly lifetimeSeconds: number;
}

/** Reads a registration that has not expired. */
export function findRegistration(from: Queryable, registrationId: string): Promise<Registration | undefined> {
  return registrations(from).find({ where: { registrationId, expireTime: { [Op.gt]: literal("NOW(6)") } } });
}

/** Locks a registration that has not expired. Returns false where there is none. */
export async function lockRegistration(tx: Tx, registrationId: string): Promise<boolean> {
  const rows = await tx.query(
    "SELECT 1 FROM registration WHERE registration_id = ? AND expire_time > NOW(6) FOR UPDATE",
    [registrationId],
  );
  return rows.length === 1;
}

/** Stores a token, which replaces the previous one. Returns false where the registration is gone. */
export async function replaceActivationToken(
  to: Queryable,
  registrationId: string,
  token: string,
): Promise<boolean> {
  return (await registrations(to).update({ tokenHash: hashSecret(token) }, { registrationId })) === 1;
}

/** Reads the registration that a token was mailed for; undefined where it is unknown, replaced, used or expired. */
export function findRegistrationOf(from: Queryable, token: string): Promise<Registration | undefined> {
  const tokenHash = hashSecret(token);
  return registrations(from).find({ where: { tokenHash, expireTime: { [Op.gt]: literal("NOW(6)") } } });
}

/**
 * Removes all registrations of an address, and returns the given one; undefined where it is gone or has a newer token.
 * The rows of an address are locked by one statement and in one order, so two tokens of an address wait for each other
 * instead of deadlocking.
 */
export async function takeRegistrations(
  tx: Tx,
  { email, tokenHash }: Pick<Registration, "email" | "tokenHash">,
): Promise<Registration | undefined> {
  const removed = await tx.query<Registration>("DELETE FROM registration WHERE email = ? RETURNING *", [
    email,
  ]);
  return removed.find(registration => tokenHash !== null && registration.tokenHash?.equals(tokenHash));
}

/** Removes all registrations of an address. */
export async function removeRegistrations(tx: Tx, email: string): Promise<void> {
  await tx.execute("DELETE FROM registration WHERE email = ?", [email]);
}

/** Removes registrations that have expired. Returns how many. */
export async function removeExpiredRegistrations(to: Queryable, limit: number): Promise<number> {
  const { affectedRows } = await to.execute("DELETE FROM registration WHERE expire_time <= NOW(6) LIMIT ?", [
    limit,
  ]);
  return affectedRows;
}
