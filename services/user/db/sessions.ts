import { DataTypes, literal, Op } from "sequelize";
import { v7 as uuidv7 } from "uuid";
import type { Queryable, Tx } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { insert, raw } from "#kit/data/sql.ts";
import { createSeed, hashSecret, type RefreshToken } from "../domain/refresh-token.ts";
import type { Session } from "../domain/session.ts";

const sessions = table<Session>("session", {
  sessionId: { type: DataTypes.STRING, primaryKey: true },
  userId: DataTypes.BIGINT,
  userAgent: DataTypes.STRING,
  familyHash: DataTypes.BLOB,
  seed: DataTypes.BLOB,
  currentHash: DataTypes.BLOB,
  previousHash: DataTypes.BLOB,
  createTime: DataTypes.DATE(6),
  refreshTime: DataTypes.DATE(6),
  expireTime: DataTypes.DATE(6),
  endTime: DataTypes.DATE(6),
});

const open = "end_time IS NULL AND expire_time > NOW(6)";

/** Starts a session. Returns when it expires unless refreshed. */
export async function insertSession(
  tx: Tx,
  { userId, userAgent, token, lifetimeDays }: NewSession,
): Promise<Date> {
  const sessionId = uuidv7();
  await insert(tx, "session", {
    sessionId,
    userId,
    userAgent,
    familyHash: hashSecret(token.family),
    seed: createSeed(),
    currentHash: hashSecret(token.secret),
    expireTime: raw("NOW(6) + INTERVAL ? DAY", [lifetimeDays]),
  });
  return expireTimeOf(tx, sessionId);
}

interface NewSession extends Pick<Session, "userId" | "userAgent"> {
  readonly token: RefreshToken;
  readonly lifetimeDays: number;
}

/** Reads and locks the session of a refresh token, and reads the time. */
export async function lockSession(
  tx: Tx,
  { family }: RefreshToken,
): Promise<(Session & { readonly now: Date }) | undefined> {
  const [session] = await tx.query<Session & { now: Date }>(
    "SELECT session.*, NOW(6) AS now FROM session WHERE family_hash = ? FOR UPDATE",
    [hashSecret(family)],
  );
  return session;
}

/** Replaces the current token, which becomes the previous one. Returns when the session expires unless refreshed. */
export async function rotateToken(
  tx: Tx,
  sessionId: string,
  { next, lifetimeDays }: { next: RefreshToken; lifetimeDays: number },
): Promise<Date> {
  await tx.execute(
    `UPDATE session SET previous_hash = current_hash, current_hash = ?, refresh_time = NOW(6),
       expire_time = NOW(6) + INTERVAL ? DAY WHERE session_id = ?`,
    [hashSecret(next.secret), lifetimeDays, sessionId],
  );
  return expireTimeOf(tx, sessionId);
}

async function expireTimeOf(tx: Tx, sessionId: string): Promise<Date> {
  const session = await sessions(tx).find({ where: { sessionId }, attributes: ["expireTime"] });
  if (session === undefined) {
    throw new Error("a session was just written and cannot be read");
  }
  return session.expireTime;
}

/** Reads the open sessions of a user, newest first. */
export function listOpenSessions(from: Queryable, userId: bigint, limit: number): Promise<Session[]> {
  return sessions(from).list({
    where: { userId, endTime: null, expireTime: { [Op.gt]: literal("NOW(6)") } },
    order: [
      ["createTime", "DESC"],
      ["sessionId", "DESC"],
    ],
    limit,
  });
}

/** Reads the sessions of a user that are stored, open or ended, newest first. */
export function listSessions(from: Queryable, userId: bigint, limit: number): Promise<Session[]> {
  return sessions(from).list({
    where: { userId },
    order: [
      ["createTime", "DESC"],
      ["sessionId", "DESC"],
    ],
    limit,
  });
}

/** Ends one open session of a user. Returns false where there is none with this id. */
export async function endSession(to: Queryable, userId: bigint, sessionId: string): Promise<boolean> {
  const { affectedRows } = await to.execute(
    `UPDATE session SET end_time = NOW(6) WHERE session_id = ? AND user_id = ? AND ${open}`,
    [sessionId, userId],
  );
  return affectedRows === 1;
}

/** Ends the session of a refresh token, whichever token of its family this is. */
export async function endFamily(to: Queryable, { family }: RefreshToken): Promise<void> {
  await to.execute("UPDATE session SET end_time = NOW(6) WHERE family_hash = ? AND end_time IS NULL", [
    hashSecret(family),
  ]);
}

/** Ends every open session of a user. */
export async function endSessions(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("UPDATE session SET end_time = NOW(6) WHERE user_id = ? AND end_time IS NULL", [userId]);
}

/** Removes all sessions of a user, and with them what they say about the user's devices. */
export async function removeSessions(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("DELETE FROM session WHERE user_id = ?", [userId]);
}

/** Ends the oldest open sessions of a user, so that at most `keep` are left. */
export async function endOldestSessions(tx: Tx, userId: bigint, keep: number): Promise<void> {
  const [row] = await tx.query<{ open: bigint }>(
    `SELECT COUNT(*) AS open FROM session WHERE user_id = ? AND ${open}`,
    [userId],
  );
  const surplus = Number(row?.open ?? 0) - keep;
  if (surplus > 0) {
    await tx.execute(
      `UPDATE session SET end_time = NOW(6) WHERE user_id = ? AND ${open} ORDER BY create_time, session_id LIMIT ?`,
      [userId, surplus],
    );
  }
}

/** Removes sessions that have expired. Returns how many. */
export async function removeExpiredSessions(to: Queryable, limit: number): Promise<number> {
  const { affectedRows } = await to.execute("DELETE FROM session WHERE expire_time <= NOW(6) LIMIT ?", [
    limit,
  ]);
  return affectedRows;
}
