import type { Queryable, Tx } from "#kit/data/database.ts";
import { hashSecret } from "../domain/refresh-token.ts";

/** Stores the activation token of a user, which replaces the previous one. */
export async function replaceActivationToken(
  to: Queryable,
  userId: bigint,
  { token, lifetimeSeconds }: { token: string; lifetimeSeconds: number },
): Promise<void> {
  await to.execute(
    `INSERT INTO activation_token (user_id, token_hash, expire_time) VALUES (?, ?, NOW(6) + INTERVAL ? SECOND)
      ON DUPLICATE KEY UPDATE token_hash = VALUES(token_hash), expire_time = VALUES(expire_time)`,
    [userId, hashSecret(token), lifetimeSeconds],
  );
}

/** Uses up a token. Returns its user; undefined where the token is unknown, replaced, used or expired. */
export async function takeActivationToken(tx: Tx, token: string): Promise<bigint | undefined> {
  const [row] = await tx.query<{ userId: bigint }>(
    "DELETE FROM activation_token WHERE token_hash = ? AND expire_time > NOW(6) RETURNING user_id",
    [hashSecret(token)],
  );
  return row?.userId;
}

/** Removes tokens that have expired. Returns how many. */
export async function removeExpiredActivationTokens(to: Queryable, limit: number): Promise<number> {
  const { affectedRows } = await to.execute(
    "DELETE FROM activation_token WHERE expire_time <= NOW(6) LIMIT ?",
    [limit],
  );
  return affectedRows;
}
