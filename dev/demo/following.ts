import assert from "node:assert/strict";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { FeedService } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import type { Shelf } from "./selling.ts";
import type { Person } from "./signing-up.ts";
import { must, mustRefuse, type Stage } from "./stage.ts";
import { waitFor } from "./wait.ts";

/** Subscribes to the creator, whose questions are then in the feed, and who counts one subscriber. */
export async function follow(
  { api, quietApi }: Stage,
  { author, buyer }: Record<"author" | "buyer", Person>,
  creatorId: bigint,
  shelf: Shelf,
): Promise<void> {
  await mustRefuse("OWN_CREATOR", api.client(SubscriptionService, author.token).subscribe({ creatorId }));
  const subscriptions = api.client(SubscriptionService, buyer.token);
  const { subscription } = await subscriptions.subscribe({ creatorId });
  const { name } = must(subscription?.creator, "the creator of the subscription");
  await mustRefuse("ALREADY_SUBSCRIBE_CREATOR", subscriptions.subscribe({ creatorId }));

  const newestFirst = shelf.map(({ questionId }) => questionId).reverse();
  await waitFor("the feed with both questions", async () => {
    const { questions } = await quietApi.client(FeedService, buyer.token).listFeed({});
    return questions.length === newestFirst.length ? questions : undefined;
  });
  const { questions } = await api.client(FeedService, buyer.token).listFeed({});
  assert.deepEqual(
    questions.map(({ questionId }) => questionId),
    newestFirst,
    "the newest question is first",
  );
  assert(
    questions.every(({ creator }) => creator?.name === name),
    "the feed names the creator",
  );
  await waitFor("the first subscriber", async () => {
    const { creator } = await quietApi.client(CreatorService).getCreator({ creatorId });
    return creator?.statistics?.subscriberCount === 1n ? creator : undefined;
  });
}
