import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import type { PublicApi } from "../demo/public-api.ts";
import { reasonOf } from "../demo/refusal.ts";

/** The creators to whom each person subscribes, in this order; people by key: `buyer`, or that of a creator. */
const sampleSubscriptions: Readonly<Record<string, readonly string[]>> = {
  buyer: ["seojun", "dohyun", "hayun"],
  hayun: ["dohyun"],
  dohyun: ["hayun"],
  seojun: ["hayun", "jiwoo"],
  jiwoo: ["hayun", "yerin", "seojun"],
  yerin: ["dohyun", "jiwoo"],
  taeo: ["hayun", "dohyun", "seojun", "yerin"],
};

/** Finds the tokens of people, and the ids of creators. */
interface FindPeople {
  token(key: string): string;
  creator(key: string): bigint;
}

/** Subscribes people to creators, unless they do already. */
export async function subscribeOnce(api: PublicApi, find: FindPeople): Promise<void> {
  for (const [key, creatorKeys] of Object.entries(sampleSubscriptions)) {
    const subscriptions = api.client(SubscriptionService, find.token(key));
    for (const creatorKey of creatorKeys) {
      try {
        await subscriptions.subscribe({ creatorId: find.creator(creatorKey) });
      } catch (error) {
        if (reasonOf(error) !== "ALREADY_SUBSCRIBE_CREATOR") {
          throw error;
        }
      }
    }
  }
}
