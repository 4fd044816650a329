import { randomInt } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  HideReviewRequestSchema,
  RestoreReviewRequestSchema,
} from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import {
  CreateReviewRequestSchema,
  DeleteReviewRequestSchema,
  UpdateReviewRequestSchema,
} from "#gen/questioncloud/review/v1/review_pb.ts";
import type { App } from "#services/review/app.ts";
import { createReview } from "#services/review/rpc/create-review.ts";
import { deleteReview } from "#services/review/rpc/delete-review.ts";
import { hideReview } from "#services/review/rpc/hide-review.ts";
import { restoreReview } from "#services/review/rpc/restore-review.ts";
import { updateReview } from "#services/review/rpc/update-review.ts";
import { callContextOf } from "./call-context.ts";

/** A user's review of a question as the changes left it. */
interface Place {
  readonly userId: bigint;
  readonly questionId: bigint;
  review?: { readonly reviewId: bigint; readonly version: bigint; readonly hidden: boolean };
}

const lanes = 4;

/** Makes so many random changes, several at a time. */
type ChangeReviews = (count: number) => Promise<void>;

/** Random changes of the reviews that these users write of these questions. */
export function createReviewChanges(
  app: App,
  userIds: readonly bigint[],
  questionIds: readonly bigint[],
): ChangeReviews {
  const change = reviewChange(app);
  const places = userIds.flatMap(userId => questionIds.map((questionId): Place => ({ userId, questionId })));
  return async count => {
    let left = count;
    const lane = async (own: readonly Place[]) => {
      while (left > 0) {
        left -= 1;
        await change(own[randomInt(own.length)] as Place);
      }
    };
    const ownOf = (lane: number) => places.filter((_, index) => index % lanes === lane);
    await Promise.all(Array.from({ length: lanes }, (_, index) => lane(ownOf(index))));
  };
}

function reviewChange(app: App): (place: Place) => Promise<void> {
  const content = () => ({ rate: randomInt(1, 6), comment: "리뷰" });
  const [write, change, remove] = [createReview(app), updateReview(app), deleteReview(app)];
  const [hide, restore] = [hideReview(app), restoreReview(app)];
  return async place => {
    const { userId, questionId, review } = place;
    const context = callContextOf(userId);
    if (review === undefined) {
      const request = create(CreateReviewRequestSchema, { questionId, content: content() });
      const { reviewId = 0n } = (await write(request, context)).review ?? {};
      place.review = { reviewId, version: 1n, hidden: false };
      return;
    }
    const { reviewId, version, hidden } = review;
    const reason = "시험";
    const kind = hidden ? "restore" : (["change", "change", "hide", "remove"] as const)[randomInt(4)];
    place.review = { reviewId, version: version + 1n, hidden: kind === "hide" };
    switch (kind) {
      case "restore":
        return void (await restore(create(RestoreReviewRequestSchema, { reviewId, reason }), context));
      case "hide":
        return void (await hide(create(HideReviewRequestSchema, { reviewId, reason }), context));
      case "change": {
        const request = create(UpdateReviewRequestSchema, { reviewId, version, content: content() });
        return void (await change(request, context));
      }
      default:
        delete place.review;
        return void (await remove(create(DeleteReviewRequestSchema, { reviewId }), context));
    }
  };
}
