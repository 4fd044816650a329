import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { countChange } from "./db/changes.ts";
import { moveQuestion, type StateChange } from "./db/question-states.ts";

type Dependencies = Pick<App, "outbox" | "search">;

/**
 * Shows a question in the store, and publishes it, as it is after a change in the same transaction, which has locked
 * it. One that was never on sale concerns its creator alone.
 */
export async function publishChange(
  { outbox, search }: Dependencies,
  tx: Tx,
  questionId: bigint,
): Promise<void> {
  const change = await countChange(tx, questionId);
  if (change !== undefined) {
    await search.put(tx, [questionId]);
    const { state, changeVersion: version, ...question } = change;
    const publishTime = timestampFromDate(question.publishTime);
    const event = { ...question, onSale: state === "PUBLISHED", version, publishTime };
    await outbox.append(tx, QuestionChangedSchema, event);
  }
}

/** Moves a question to a state and publishes that. Returns false where it is in none of those it may come from. */
export async function changeState(
  app: Dependencies,
  tx: Tx,
  questionId: bigint,
  change: StateChange,
): Promise<boolean> {
  const moved = await moveQuestion(tx, questionId, change);
  if (moved) {
    await publishChange(app, tx, questionId);
  }
  return moved;
}
