import type { Transitions } from "#kit/contract/transitions.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { type Page, type PageCursor, queryPage } from "#kit/data/keyset.ts";
import { insert, raw } from "#kit/data/sql.ts";
import { moveState } from "#kit/data/state-machine.ts";

type SubscriptionState = "SUBSCRIBED" | "ENDED";

export const subscriptionTransitions: Transitions<SubscriptionState> = {
  SUBSCRIBED: ["ENDED"],
  ENDED: ["SUBSCRIBED"],
};

/** A user and a creator. */
export interface Pair {
  readonly userId: bigint;
  readonly creatorId: bigint;
}

/** A subscription of a user to a creator, or one that has ended. */
export interface SubscriptionRow extends Pair {
  readonly state: SubscriptionState;
  /** Starts at 1 and increases with every change. */
  readonly version: bigint;
  /** When it got its state. */
  readonly changeTime: Date;
}

/** Subscribes a user, for the first time or again. Returns false where the user subscribes already. */
export async function startSubscription(tx: Tx, pair: Pair): Promise<boolean> {
  if (await move(tx, pair, "SUBSCRIBED")) {
    return true;
  }
  try {
    await insert(tx, "subscription", { ...pair });
    return true;
  } catch (error) {
    if (violatedKey(error) === "PRIMARY") {
      return false;
    }
    throw error;
  }
}

/** Ends a subscription. Returns false where there is none. */
export function endSubscription(tx: Tx, pair: Pair): Promise<boolean> {
  return move(tx, pair, "ENDED");
}

async function move(tx: Tx, { userId, creatorId }: Pair, to: SubscriptionState): Promise<boolean> {
  const moved = await moveState(tx, {
    table: "subscription",
    transitions: subscriptionTransitions,
    to,
    where: { sql: "user_id = ? AND creator_id = ?", values: [userId, creatorId] },
    set: { version: raw("version + 1"), changeTime: raw("NOW(6)") },
  });
  return moved === 1;
}

/** Reads what a user has of a creator: a subscription, one that has ended, or nothing. */
export async function findSubscription(from: Queryable, pair: Pair): Promise<SubscriptionRow | undefined> {
  const [row] = await from.query<SubscriptionRow>(
    "SELECT * FROM subscription WHERE user_id = ? AND creator_id = ?",
    [pair.userId, pair.creatorId],
  );
  return row;
}

/** Counts the creators whom a user subscribes to. */
export async function countSubscriptions(from: Queryable, userId: bigint): Promise<number> {
  const [row] = await from.query<{ count: bigint }>(
    "SELECT COUNT(*) AS count FROM subscription WHERE user_id = ? AND state = 'SUBSCRIBED'",
    [userId],
  );
  return Number(row?.count ?? 0n);
}

/** Reads a page of the subscriptions of a user, newest first. */
export function listSubscriptions(
  from: Queryable,
  userId: bigint,
  page: PageCursor,
): Promise<Page<SubscriptionRow>> {
  return queryPage(from, {
    columns: "subscription.*",
    table: "subscription",
    index: "ix_subscription_list",
    where: "user_id = ? AND state = 'SUBSCRIBED'",
    values: [userId],
    keyset: [
      { column: "change_time", direction: "DESC" },
      { column: "creator_id", direction: "DESC" },
    ],
    page,
  });
}

/** Reads the ids of the creators whom a user subscribes to. */
export async function listCreatorIds(from: Queryable, userId: bigint): Promise<bigint[]> {
  const rows = await from.query<{ creatorId: bigint }>(
    "SELECT creator_id FROM subscription WHERE user_id = ? AND state = 'SUBSCRIBED'",
    [userId],
  );
  return rows.map(({ creatorId }) => creatorId);
}
