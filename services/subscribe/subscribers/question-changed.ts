import type { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { storeStates } from "#kit/data/stored-state.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { fromQuestionChange } from "../to-proto.ts";

export const questionChanged: BatchHandler<typeof QuestionChangedSchema> = {
  async handleAll(tx, changes) {
    const carried = changes.map(change => ({
      key: { questionId: change.questionId },
      version: change.version,
      state: fromQuestionChange(change),
    }));
    await storeStates(tx, "question", carried);
  },
};
