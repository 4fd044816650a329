import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionChanged, QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { storeStates } from "#kit/data/stored-state.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { startNews } from "../db/news.ts";

export const questionChanged: BatchHandler<typeof QuestionChangedSchema> = {
  async handleAll(tx, changes) {
    const carried = changes.map(change => ({
      key: { questionId: change.questionId },
      version: change.version,
      state: { creatorId: change.creatorId, title: change.title, onSale: change.onSale },
      publishTime: publishTimeOf(change),
    }));
    for (const { key, state, publishTime } of await storeStates(tx, "question", carried)) {
      if (state.onSale) {
        await startNews(tx, key.questionId, publishTime);
      }
    }
  },
};

function publishTimeOf({ publishTime }: QuestionChanged): Date {
  if (publishTime === undefined) {
    throw new TypeError("the contract requires publish_time");
  }
  return timestampDate(publishTime);
}
