import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { moveQuestion } from "./db/question-states.ts";

/** Where questions are reviewed first, takes one that was changed off sale until it is approved. */
export async function reviewAgain(
  { config }: Pick<App, "config">,
  tx: Tx,
  questionId: bigint,
): Promise<void> {
  if (config.review.required) {
    await moveQuestion(tx, questionId, { from: ["PUBLISHED"], to: "IN_REVIEW" });
  }
}
