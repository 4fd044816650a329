import type { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { storeState } from "#kit/data/stored-state.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { fromQuestionChange } from "../to-proto.ts";

export const questionChanged: EventHandler<typeof QuestionChangedSchema> = async (tx, event) => {
  const { questionId, version } = event;
  const state = fromQuestionChange(event);
  await storeState(tx, { table: "question", key: { questionId }, version, state });
};
