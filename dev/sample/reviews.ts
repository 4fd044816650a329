import { ChargePackage } from "#gen/questioncloud/point/v1/point_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import type { PublicApi } from "../demo/public-api.ts";
import { reasonOf } from "../demo/refusal.ts";
import { type SampleReview, sampleReviews } from "./content/reviews.ts";
import { eachOf } from "./each-of.ts";
import { buyOnce, chargeOnce, sampleBaskets } from "./shop.ts";

/** Finds the tokens of people, and the questions they write about. */
interface FindForReviews {
  token(key: string): string;
  question(key: string): bigint;
}

const atOnce = 3;

/** Everyone who reviews questions buys those they have not, and writes about them; creators reply. */
export async function reviewOnce(api: PublicApi, find: FindForReviews): Promise<void> {
  const byWriter = [...Map.groupBy(sampleReviews, ({ writer }) => writer)];
  await eachOf(byWriter, atOnce, async ([writer, reviews]) => {
    await buyForReviews(api, find, writer, reviews);
    for (const review of reviews) {
      await writeOnce(api, find, review);
    }
  });
}

async function buyForReviews(
  api: PublicApi,
  find: FindForReviews,
  writer: string,
  reviews: readonly SampleReview[],
): Promise<void> {
  const owned = writer === "buyer" ? sampleBaskets.flatMap(({ lines }) => lines) : [];
  const lines = reviews.filter(({ questionKey }) => !owned.some(line => line.questionKey === questionKey));
  if (lines.length > 0) {
    const token = find.token(writer);
    await chargeOnce(api, token, ChargePackage.D);
    const coupon = () => 0n;
    await buyOnce(api, token, { name: `of ${writer}`, lines }, { question: find.question, coupon });
  }
}

async function writeOnce(
  api: PublicApi,
  find: FindForReviews,
  { questionKey, writer, rate, comment, reply, helpfulTo = [] }: SampleReview,
): Promise<void> {
  const reviews = api.client(ReviewService, find.token(writer));
  const questionId = find.question(questionKey);
  await reviews.createReview({ questionId, content: { rate, comment } }).catch((error: unknown) => {
    if (reasonOf(error) !== "ALREADY_REGISTER_REVIEW") {
      throw error;
    }
  });
  const { review } = await reviews.getOwnReview({ questionId });
  const reviewId = review?.reviewId ?? 0n;
  for (const reader of helpfulTo) {
    await api.client(ReviewService, find.token(reader)).markReviewHelpful({ reviewId, helpful: true });
  }
  if (reply !== undefined) {
    const creator = find.token(questionKey.split("-")[0] ?? "");
    await api.client(ReviewReplyService, creator).putReviewReply({ reviewId, comment: reply });
  }
}
