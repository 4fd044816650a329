import {
  countSubscribers,
  findSubscribers,
  forgetSubscriber,
  readSubscribers,
  type Subscriber,
  subscriberSums,
} from "#services/creator/db/subscribers.ts";
import { findSubscriptionStates, readSubscriptionStates } from "#services/subscribe/invariants.ts";
import type { Counter } from "./counter.ts";

const keyOf = ({ creatorId, userId }: Subscriber) => `subscription of user ${userId} to creator ${creatorId}`;
const byKey = (subscribers: readonly Subscriber[]) =>
  new Map(subscribers.map(subscriber => [keyOf(subscriber), subscriber] as const));

/** Creators count subscriptions. */
export const subscriberCounter: Counter<Subscriber> = {
  source: {
    service: "subscribe",
    pages: readSubscriptionStates,
    find: async (database, subscribers) => byKey(await findSubscriptionStates(database, subscribers)),
  },
  counted: {
    service: "creator",
    pages: database => readSubscribers(database),
    find: async (database, subscribers) => byKey(await findSubscribers(database, subscribers)),
  },
  keyOf,
  isSame: (one, other) => one.subscribed === other.subscribed,
  count: async (tx, subscriber, replaces) => (await countSubscribers(tx, [subscriber], replaces)) > 0,
  forget: forgetSubscriber,
  sums: subscriberSums,
};
