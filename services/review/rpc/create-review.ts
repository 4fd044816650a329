import type { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { userIdOf, type WorkContext } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findReview, insertReview } from "../db/reviews.ts";
import {
  alreadyReviewed,
  ownQuestion,
  questionNotOwned,
  questionUnavailable,
  reviewNotFound,
} from "../failures.ts";
import { publishChange } from "../review-changes.ts";
import { fromContent, toOwnReview } from "../to-proto.ts";

export function createReview(app: Dependencies): Handler<typeof ReviewService.method.createReview> {
  return async ({ questionId, content }, context) => {
    const creatorId = await requireOwned(app, questionId, context);
    const reviewerId = userIdOf(context);
    return app.database.transaction(async tx => {
      const reviewId = await insertReview(tx, {
        questionId,
        creatorId,
        reviewerId,
        ...fromContent(content),
      });
      if (reviewId === undefined) {
        throw alreadyReviewed(questionId);
      }
      const review = await findReview(tx, reviewId);
      if (review === undefined) {
        throw reviewNotFound();
      }
      await publishChange(app, tx, review, 0);
      return { review: toOwnReview(review) };
    });
  };
}

/** The creator of a question that is on sale and that the caller bought. */
async function requireOwned(
  { entitlements }: Pick<App, "entitlements">,
  questionId: bigint,
  context: WorkContext,
): Promise<bigint> {
  const { questions } = await entitlements.checkQuestions({ questionIds: [questionId] }, context);
  const [question] = questions;
  if (question === undefined || !question.onSale) {
    throw questionUnavailable(questionId);
  }
  if (question.authored) {
    throw ownQuestion(questionId);
  }
  if (!question.owned) {
    throw questionNotOwned(questionId);
  }
  return question.creatorId;
}

type Dependencies = Pick<App, "database" | "outbox" | "entitlements">;
