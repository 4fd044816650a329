import type { Queryable, Tx } from "#kit/data/database.ts";
import { readPages } from "#kit/data/invariants.ts";
import { type Replaces, storeStates } from "#kit/data/stored-state.ts";
import { addToSums, type SummedTable } from "#kit/data/sums.ts";

/** Whether a user subscribes to a creator, as it was last seen. */
export interface Subscriber {
  readonly creatorId: bigint;
  readonly userId: bigint;
  readonly subscribed: boolean;
  readonly version: bigint;
}

/** How many subscribe to each creator. */
export const subscriberSums: SummedTable = {
  table: "creator_statistics",
  id: "creatorId",
  columns: ["subscriberCount"],
  select: "SELECT COUNT(*) FROM subscriber s WHERE s.subscribed AND s.creator_id =",
};

/**
 * Counts subscriptions, each unless the same or a newer version of it is counted. Returns how many were. Unknown
 * creators are ignored.
 */
export async function countSubscribers(
  tx: Tx,
  subscribers: readonly Subscriber[],
  replaces: Replaces = "older",
): Promise<number> {
  const carried = subscribers.map(({ creatorId, userId, subscribed, version }) => ({
    key: { creatorId, userId },
    version,
    state: { subscribed },
  }));
  const stored = await storeStates(tx, "subscriber", carried, replaces);
  await addToSums(
    tx,
    subscriberSums,
    stored.map(({ key, state, previous }) => [
      key.creatorId,
      [Number(state.subscribed) - Number(previous?.subscribed ?? false)],
    ]),
  );
  return stored.length;
}

/** Forgets a subscription, and that it was counted. */
export async function forgetSubscriber(tx: Tx, { creatorId, userId, subscribed }: Subscriber): Promise<void> {
  const { affectedRows } = await tx.execute(
    "DELETE FROM subscriber WHERE creator_id = ? AND user_id = ? AND subscribed = ?",
    [creatorId, userId, subscribed],
  );
  await addToSums(tx, subscriberSums, [[creatorId, [-affectedRows * Number(subscribed)]]]);
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
