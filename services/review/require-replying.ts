import type { WorkContext } from "#kit/contract/context.ts";
import type { App } from "./app.ts";
import { findReview } from "./db/reviews.ts";
import { notQuestionCreator, reviewNotFound } from "./failures.ts";

/**
 * Lets only the creator of the question reply to its reviews, on sale or not; throws NOT_FOUND, or
 * NOT_QUESTION_CREATOR.
 */
export async function requireReplying(
  { database, entitlements }: Pick<App, "database" | "entitlements">,
  reviewId: bigint,
  context: WorkContext,
): Promise<void> {
  const review = await findReview(database, reviewId);
  if (review?.state !== "SHOWN") {
    throw reviewNotFound();
  }
  const { questions } = await entitlements.checkQuestions({ questionIds: [review.questionId] }, context);
  if (questions[0]?.authored !== true) {
    throw notQuestionCreator();
  }
}
