import type { Tx } from "#kit/data/database.ts";
import { moveQuestion } from "./db/question-states.ts";
import type { QuestionState } from "./domain/question.ts";

/**
 * Puts a question on sale that is in one of the states `from`, for the first time or again. Returns false where it is
 * in none of them.
 */
export function putOnSale(tx: Tx, questionId: bigint, from: readonly QuestionState[]): Promise<boolean> {
  return moveQuestion(tx, questionId, { from, to: "PUBLISHED" });
}
