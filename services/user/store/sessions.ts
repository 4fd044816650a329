import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import { type Session, SessionSchema } from "#gen/questioncloud/user/v1/user_pb.ts";
import type { Queryable, Tx } from "#kit/database.ts";
import type { RefreshUse } from "../refresh-decision.ts";
import { createSeed, hashSecret, type RefreshToken } from "../refresh-token.ts";

/** A session as the use of a refresh token finds it. */
export interface LockedSession extends Omit<RefreshUse, "userIsActive"> {
  readonly sessionId: string;
  readonly userId: bigint;
  readonly seed: Buffer;
  readonly expireTime: Date;
}

interface LockedRow {
  session_id: string;
  user_id: bigint;
  seed: Buffer;
  current_hash: Buffer;
  previous_hash: Buffer | null;
  repeated: number;
  in_grace: number;
  ended: number;
  expired: number;
  expire_time: Date;
}

const open = "end_time IS NULL AND expire_time > NOW(6)";

/** Opens a session. Returns when it ends unless refreshed. */
export async function insertSession(
  tx: Tx,
  session: { userId: bigint; userAgent: string; token: RefreshToken; lifetimeDays: number },
): Promise<Date> {
  const { family, secret } = session.token;
  const [row] = await tx.query<{ expire_time: Date }>(
    `INSERT INTO session (session_id, user_id, user_agent, family_hash, seed, current_hash, expire_time)
     VALUES (?, ?, ?, ?, ?, ?, NOW(6) + INTERVAL ? DAY) RETURNING expire_time`,
    [
      uuidv7(),
      session.userId,
      session.userAgent,
      hashSecret(family),
      createSeed(),
      hashSecret(secret),
      session.lifetimeDays,
    ],
  );
  if (row === undefined) {
    throw new Error("the session was not inserted");
  }
  return row.expire_time;
}

/** Reads the session of a refresh token and keeps others from using its tokens until the end of the transaction. */
export async function lockSession(
  tx: Tx,
  { family, secret }: RefreshToken,
  graceMs: number,
): Promise<LockedSession | undefined> {
  const [row] = await tx.query<LockedRow>(
    `SELECT session_id, user_id, seed, current_hash, previous_hash, repeated, expire_time,
       NOW(6) < refresh_time + INTERVAL ? MICROSECOND AS in_grace, end_time IS NOT NULL AS ended, expire_time <= NOW(6) AS expired
     FROM session WHERE family_hash = ? FOR UPDATE`,
    [graceMs * 1000, hashSecret(family)],
  );
  return (
    row && {
      sessionId: row.session_id,
      userId: row.user_id,
      seed: row.seed,
      expireTime: row.expire_time,
      shown: shownOf(row, hashSecret(secret)),
      repeated: Number(row.repeated) === 1,
      inGrace: Number(row.in_grace) === 1,
      ended: Number(row.ended) === 1,
      expired: Number(row.expired) === 1,
    }
  );
}

/** Puts a new token in the place of the current one, which becomes the previous one. Returns when the session ends unless refreshed. */
export async function rotateToken(
  tx: Tx,
  sessionId: string,
  { next, lifetimeDays }: { next: RefreshToken; lifetimeDays: number },
): Promise<Date> {
  await tx.execute(
    `UPDATE session SET previous_hash = current_hash, current_hash = ?, repeated = FALSE, refresh_time = NOW(6),
       expire_time = NOW(6) + INTERVAL ? DAY WHERE session_id = ?`,
    [hashSecret(next.secret), lifetimeDays, sessionId],
  );
  const [row] = await tx.query<{ expire_time: Date }>(
    "SELECT expire_time FROM session WHERE session_id = ?",
    [sessionId],
  );
  if (row === undefined) {
    throw new Error("the session is gone");
  }
  return row.expire_time;
}

/** Remembers that the previous token was used once more. */
export async function markRepeated(tx: Tx, sessionId: string): Promise<void> {
  await tx.execute("UPDATE session SET repeated = TRUE WHERE session_id = ?", [sessionId]);
}

/** Reads the open sessions of a user, newest first. */
export async function listSessions(from: Queryable, userId: bigint, limit: number): Promise<Session[]> {
  const rows = await from.query<{
    session_id: string;
    user_agent: string;
    create_time: Date;
    refresh_time: Date;
    expire_time: Date;
  }>(
    `SELECT session_id, user_agent, create_time, refresh_time, expire_time FROM session
      WHERE user_id = ? AND ${open} ORDER BY create_time DESC, session_id DESC LIMIT ?`,
    [userId, limit],
  );
  return rows.map(row =>
    create(SessionSchema, {
      sessionId: row.session_id,
      userAgent: row.user_agent,
      createTime: timestampFromDate(row.create_time),
      refreshTime: timestampFromDate(row.refresh_time),
      expireTime: timestampFromDate(row.expire_time),
    }),
  );
}

/** Ends one open session of a user. Returns false where there is none with this id. */
export async function endSession(to: Queryable, userId: bigint, sessionId: string): Promise<boolean> {
  const { affectedRows } = await to.execute(
    `UPDATE session SET end_time = NOW(6) WHERE session_id = ? AND user_id = ? AND ${open}`,
    [sessionId, userId],
  );
  return affectedRows === 1;
}

/** Ends the session that a refresh token belongs to, whichever token of it this is. */
export async function endFamily(to: Queryable, { family }: RefreshToken): Promise<void> {
  await to.execute("UPDATE session SET end_time = NOW(6) WHERE family_hash = ? AND end_time IS NULL", [
    hashSecret(family),
  ]);
}

/** Ends every open session of a user. */
export async function endSessions(tx: Tx, userId: bigint): Promise<void> {
  await tx.execute("UPDATE session SET end_time = NOW(6) WHERE user_id = ? AND end_time IS NULL", [userId]);
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
      `UPDATE session SET end_time = NOW(6) WHERE user_id = ? AND ${open} ORDER BY create_time, session_id LIMIT ${surplus}`,
      [userId],
    );
  }
}

/** Removes sessions whose last token has expired. Returns how many. */
export async function removeExpiredSessions(to: Queryable, limit: number): Promise<number> {
  const { affectedRows } = await to.execute("DELETE FROM session WHERE expire_time <= NOW(6) LIMIT ?", [
    limit,
  ]);
  return affectedRows;
}

function shownOf(row: LockedRow, hash: Buffer): RefreshUse["shown"] {
  if (hash.equals(row.current_hash)) {
    return "current";
  }
  return row.previous_hash !== null && hash.equals(row.previous_hash) ? "previous" : "other";
}
