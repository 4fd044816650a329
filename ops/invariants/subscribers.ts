import { readSubscriberCounts as readCounted } from "#services/creator/invariants.ts";
import { readSubscriberCounts as readSubscribed } from "#services/subscribe/invariants.ts";
import type { Join } from "./join.ts";

/** Creators count their subscribers. */
export const subscriberJoin: Join = {
  name: "I6 subscriber counters",
  services: ["creator", "subscribe"],
  config: {},
  async *check({ databases }, { graceSeconds }) {
    // Counters first: only changes too recent to be checked can be missing in them.
    const counted = await readCounted(databases.of("creator"));
    const subscribed = await readSubscribed(databases.of("subscribe"), graceSeconds);
    for (const [creatorId, { subscriberCount, isRecent }] of subscribed) {
      const count = counted.get(creatorId) ?? 0n;
      if (!isRecent && count !== subscriberCount) {
        yield `creator ${creatorId} counts ${count} subscribers, ${subscriberCount} subscribe`;
      }
    }
    for (const [creatorId, count] of counted) {
      if (count !== 0n && !subscribed.has(creatorId)) {
        yield `creator ${creatorId} counts ${count} subscribers, none ever subscribed`;
      }
    }
  },
};
