import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ListedCreator } from "#gen/questioncloud/creator/v1/internal_creator_directory_pb.ts";
import type { QuestionChanged } from "#gen/questioncloud/question/v1/events_pb.ts";
import type { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import type { FeedQuestionSchema } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import type {
  SubscribedCreatorSchema,
  SubscriptionSchema,
} from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import type { QuestionRow } from "./db/questions.ts";
import type { SubscriptionRow } from "./db/subscriptions.ts";

/** A subscription with its creator, if there still is one. */
export function toSubscription(
  { creatorId, changeTime }: SubscriptionRow,
  creator: ListedCreator | undefined,
): MessageInitShape<typeof SubscriptionSchema> {
  const subscribeTime = timestampFromDate(changeTime);
  return creator === undefined
    ? { creatorId, subscribeTime }
    : { creatorId, subscribeTime, creator: toCreator(creator) };
}

function toCreator({
  summary,
  mainSubject,
  subscriberCount,
}: ListedCreator): MessageInitShape<typeof SubscribedCreatorSchema> {
  const { name = "", profileImageUrl = "" } = summary ?? {};
  return { name, profileImageUrl, mainSubject, subscriberCount };
}

/** A question in the feed, with its creator, if there still is one. */
export function toFeedQuestion(
  { questionId, creatorId, title, subject, level, pricePoints, publishTime }: QuestionRow,
  creator: ListedCreator | undefined,
): MessageInitShape<typeof FeedQuestionSchema> {
  const shown = { questionId, creatorId, title, subject, level, pricePoints };
  const { name = "", profileImageUrl = "" } = creator?.summary ?? {};
  return {
    ...shown,
    publishTime: timestampFromDate(publishTime),
    ...(creator && { creator: { creatorId, name, profileImageUrl } }),
  };
}

/** A question in an event. */
export function fromQuestionChange(event: QuestionChanged) {
  const { creatorId, onSale, title, subject, level, pricePoints, publishTime } = event;
  if (publishTime === undefined) {
    throw new TypeError("the contract requires the time of publication");
  }
  return { creatorId, onSale, title, subject, level, pricePoints, publishTime: timestampDate(publishTime) };
}

/** The body of SubscriptionChanged. */
export function toChange(row: SubscriptionRow): MessageInitShape<typeof SubscriptionChangedSchema> {
  const { userId, creatorId, version } = row;
  const subscribed = row.state === "SUBSCRIBED";
  return { userId, creatorId, version, subscribed, changeTime: timestampFromDate(row.changeTime) };
}
