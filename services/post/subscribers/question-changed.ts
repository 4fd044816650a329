import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { storeStates } from "#kit/data/stored-state.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { startNews } from "../db/news.ts";

export const questionChanged: EventHandler<typeof QuestionChangedSchema> = async (
  tx,
  { questionId, version, creatorId, title, onSale, publishTime },
) => {
  if (publishTime === undefined) {
    throw new TypeError("the contract requires publish_time");
  }
  const state = { creatorId, title, onSale };
  const stored = await storeStates(tx, "question", [{ key: { questionId }, version, state }]);
  if (stored.length > 0 && onSale) {
    await startNews(tx, questionId, timestampDate(publishTime));
  }
};
