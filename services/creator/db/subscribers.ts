import type { Queryable, Tx } from "#kit/data/database.ts";
import { readPages } from "#kit/data/invariants.ts";
import { type Replaces, storeState } from "#kit/data/stored-state.ts";

/** Whether a user subscribes to a creator, as it was last seen. */
export interface Subscriber {
  readonly creatorId: bigint;
  readonly userId: bigint;
  readonly subscribed: boolean;
  readonly version: bigint;
}

/**
 * Counts a subscription unless the same or a newer version of it is counted. Returns false where nothing changed. An
 * unknown creator is ignored.
 */
export async function countSubscriber(
  tx: Tx,
  { creatorId, userId, subscribed, version }: Subscriber,
  replaces: Replaces = "older",
): Promise<boolean> {
  const carried = { table: "subscriber", key: { creatorId, userId }, version, state: { subscribed } };
  const stored = await storeState(tx, carried, replaces);
  if (stored === "outdated") {
    return false;
  }
  await addSubscribers(tx, creatorId, Number(subscribed) - Number(stored.previous?.subscribed ?? false));
  return true;
}

/** Forgets a subscription, and that it was counted. */
export async function forgetSubscriber(tx: Tx, { creatorId, userId, subscribed }: Subscriber): Promise<void> {
  const { affectedRows } = await tx.execute(
    "DELETE FROM subscriber WHERE creator_id = ? AND user_id = ? AND subscribed = ?",
    [creatorId, userId, subscribed],
  );
  await addSubscribers(tx, creatorId, -affectedRows * Number(subscribed));
}

async function addSubscribers(tx: Tx, creatorId: bigint, count: number): Promise<void> {
  if (count !== 0) {
    await tx.execute(
      "UPDATE creator_statistics SET subscriber_count = subscriber_count + ? WHERE creator_id = ?",
      [count, creatorId],
    );
  }
}

const columns = "creator_id, user_id, subscribed, version";

/** All subscriptions that were seen, in pages. */
export function readSubscribers(from: Queryable): AsyncIterable<Subscriber[]> {
  return readPages(from, {
    columns,
    table: "subscriber",
    index: "PRIMARY",
    keyset: [
      { column: "creator_id", direction: "ASC" },
      { column: "user_id", direction: "ASC" },
    ],
  });
}

/** Those of the named subscriptions that were seen, in no particular order. */
export async function findSubscribers(
  from: Queryable,
  pairs: readonly Pick<Subscriber, "creatorId" | "userId">[],
): Promise<Subscriber[]> {
  const where = pairs.map(() => "(creator_id = ? AND user_id = ?)").join(" OR ");
  const values = pairs.flatMap(({ creatorId, userId }) => [creatorId, userId]);
  return pairs.length === 0
    ? []
    : from.query<Subscriber>(`SELECT ${columns} FROM subscriber WHERE ${where}`, values);
}

const countOf = (creatorId: string) =>
  `SELECT COUNT(*) FROM subscriber s WHERE s.creator_id = ${creatorId} AND s.subscribed`;

/** Finds creators whose count is not that of the stored subscriptions, in the order of their ids. */
export const wrongSubscriberCounts = `SELECT c.creator_id FROM creator_statistics c
  WHERE c.subscriber_count <> (${countOf("c.creator_id")})`;

/** Finds up to `limit` creators with a wrong count. */
export async function findWrongSubscriberCounts(from: Queryable, limit: number): Promise<bigint[]> {
  const rows = await from.query<{ creatorId: bigint }>(`${wrongSubscriberCounts} LIMIT ?`, [limit]);
  return rows.map(({ creatorId }) => creatorId);
}

/** Counts the subscribers of a creator again, whose row is locked first, as for `sumUpRating`. */
export async function recountSubscribers(tx: Tx, creatorId: bigint): Promise<void> {
  await tx.query("SELECT 1 FROM creator_statistics WHERE creator_id = ? FOR UPDATE", [creatorId]);
  await tx.execute(
    `UPDATE creator_statistics SET subscriber_count = (${countOf("?")}) WHERE creator_id = ?`,
    [creatorId, creatorId],
  );
}
