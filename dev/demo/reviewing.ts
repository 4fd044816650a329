import assert from "node:assert/strict";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { QuestionSort, StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import type { Shelf } from "./selling.ts";
import type { Person } from "./signing-up.ts";
import { must, mustRefuse, type Stage } from "./stage.ts";
import { waitFor } from "./wait.ts";

/** Reviews both questions; the creator, who may not, replies, and the rates reach store and profile. */
export async function review(
  { api, quietApi }: Stage,
  { author, buyer }: Record<"author" | "buyer", Person>,
  creatorId: bigint,
  shelf: Shelf,
): Promise<void> {
  const [{ questionId }] = shelf;
  const reviews = api.client(ReviewService, buyer.token);
  const content = { rate: 5, comment: "대칭축을 먼저 찾는 풀이가 깔끔합니다." };
  const { review: written } = await reviews.createReview({ questionId, content });
  const { reviewId } = must(written, "the review");
  await mustRefuse("ALREADY_REGISTER_REVIEW", reviews.createReview({ questionId, content }));
  const own = api.client(ReviewService, author.token).createReview({ questionId, content });
  await mustRefuse("OWN_QUESTION_REVIEW", own);
  for (const { questionId: other } of shelf.slice(1)) {
    await reviews.createReview({ questionId: other, content: { rate: 4, comment: "조금 어려웠어요." } });
  }

  const comment = "고맙습니다. 다음 문항도 기대해 주세요!";
  await api.client(ReviewReplyService, author.token).putReviewReply({ reviewId, comment });
  await api.client(ReviewService, author.token).markReviewHelpful({ reviewId, helpful: true });
  const { reviews: shown } = await api.client(ReviewService).listReviews({ questionId });
  assert.deepEqual(
    shown.map(each => [each.reviewer?.name, each.content?.rate, each.helpfulCount, each.reply?.comment]),
    [["박수험", 5, 1n, comment]],
    "everyone sees the review with its reply",
  );

  await waitFor("the rates of creator and questions", async () => {
    const { creator } = await quietApi.client(CreatorService).getCreator({ creatorId });
    const filter = { creatorId };
    const page = await quietApi.client(StoreService).listQuestions({ filter, sort: QuestionSort.RATE });
    const rates = [creator?.statistics, ...page.questions].map(rated => rated?.averageRateTenths);
    return rates.join() === "45,50,40" ? rates : undefined;
  });
}
