import type { Client } from "@connectrpc/connect";
import type { Stack } from "#dev/stack/stack.ts";
import { type OwnReview, ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { createTokenUsers } from "../rpc/tokens.ts";
import type { Buying } from "./purchases.ts";
import { present } from "./questions.ts";

/** A user who owns questions and reviews them. */
export interface Reviewer {
  readonly userId: bigint;
  readonly token: string;
  readonly reviews: Client<typeof ReviewService>;
  /** Writes a review. */
  review(questionId: bigint, rate?: number, comment?: string): Promise<OwnReview>;
  /** Deletes the review of a question. */
  remove(questionId: bigint): Promise<void>;
}

/** A reviewer who owns the given questions; a user who exists in a token only, unless one is given. */
export async function createReviewer(
  stack: Stack,
  buying: Buying,
  questionIds: readonly bigint[],
  known?: { userId: bigint; token: string },
): Promise<Reviewer> {
  const [fresh] = known === undefined ? await createTokenUsers(stack, 1) : [known];
  const { userId, token } = present(fresh);
  if (questionIds.length > 0) {
    await buying.buy(userId, questionIds);
  }
  const reviews = createPublicClient(stack, ReviewService, { token });
  return {
    userId,
    token,
    reviews,
    async review(questionId, rate = 5, comment = "풀이가 친절해서 혼자 공부하기 좋았습니다.") {
      const { review } = await reviews.createReview({ questionId, content: { rate, comment } });
      return present(review);
    },
    async remove(questionId) {
      const { review } = await reviews.getOwnReview({ questionId });
      await reviews.deleteReview({ reviewId: present(review).reviewId });
    },
  };
}
