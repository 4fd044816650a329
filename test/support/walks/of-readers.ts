import type { Client } from "@connectrpc/connect";
import { ReviewAdminService } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import { ReportReason, ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { FeedService } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { purchaseRequest } from "../market/market.ts";
import { present } from "../market/questions.ts";
import { createPublicClient } from "../rpc/clients.ts";
import { createTokenUsers, type TokenUser } from "../rpc/tokens.ts";
import { until } from "../stack/until.ts";
import { listOf, rowsOfWalk, type Walkers, type Walks, walkList, walkOwn } from "./walk.ts";

const reason = "for a test";
const unknownCreatorId = 2n ** 60n;

const newUser = async ({ stack }: Walkers) => present((await createTokenUsers(stack, 1))[0]);
const reviewsAs = ({ stack }: Walkers, { token }: { token: string }) =>
  createPublicClient(stack, ReviewService, { token });
const reviewIds = ({ reviews }: { reviews: { reviewId: bigint }[] }) =>
  reviews.map(({ reviewId }) => reviewId);
const ownReviews = (reviews: Client<typeof ReviewService>) => listOf(reviews.listOwnReviews, reviewIds);

/** A user who owns all questions of the market and may review each once. */
async function openReviewer(walkers: Walkers) {
  const { market } = walkers;
  const buyer = await market.createBuyer(10_000n * BigInt(rowsOfWalk));
  await buyer.pay.purchaseQuestions(purchaseRequest(market.questionIds));
  const [reviews, left] = [reviewsAs(walkers, buyer), [...market.questionIds]];
  return {
    reviews,
    async review() {
      const content = { rate: (left.length % 5) + 1, comment: "풀이가 친절합니다." };
      const { review } = await reviews.createReview({ questionId: left.pop() ?? 0n, content });
      return present(review).reviewId;
    },
  };
}

function openModerator(walkers: Walkers) {
  const { stack, market } = walkers;
  const admin = createPublicClient(stack, ReviewAdminService, { token: market.admin.token });
  return {
    admin,
    async report(reviewId: bigint) {
      const reviews = reviewsAs(walkers, await newUser(walkers));
      await reviews.reportReview({ reviewId, reason: ReportReason.SPAM });
    },
    reported: listOf(admin.listReportedReviews, reviewIds),
    hidden: listOf(admin.listHiddenReviews, reviewIds),
    reportsOf: (reviewId: bigint) =>
      listOf(
        request => admin.listReviewReports({ ...request, reviewId }),
        page => page.reports.map(({ reportId }) => reportId),
      ),
  };
}

const subscriptionsOf = ({ stack }: Walkers, { token }: TokenUser) =>
  listOf(createPublicClient(stack, SubscriptionService, { token }).listSubscriptions, page =>
    page.subscriptions.map(({ creatorId }) => creatorId),
  );
const feedOf = ({ stack }: Walkers, { token }: TokenUser) =>
  listOf(createPublicClient(stack, FeedService, { token }).listFeed, page =>
    page.questions.map(({ questionId }) => questionId),
  );

/** Walks over lists of reviews and of what is subscribed to. */
export const walksOfReaders: Walks = {
  async "ReviewService.ListOwnReviews"(walkers) {
    const { reviews, review } = await openReviewer(walkers);
    await walkList({
      read: ownReviews(reviews),
      add: review,
      remove: reviewId => reviews.deleteReview({ reviewId }),
      others: [ownReviews(reviewsAs(walkers, walkers.other))],
    });
  },
  async "ReviewAdminService.ListReportedReviews"(walkers) {
    const { admin, report, reported, hidden } = openModerator(walkers);
    const { review } = await openReviewer(walkers);
    await walkOwn({
      read: reported,
      async add() {
        const reviewId = await review();
        await report(reviewId);
        return reviewId;
      },
      remove: reviewId => admin.hideReview({ reviewId, reason }),
      others: [hidden],
    });
  },
  async "ReviewAdminService.ListHiddenReviews"(walkers) {
    const { admin, reported, hidden } = openModerator(walkers);
    const { review } = await openReviewer(walkers);
    await walkOwn({
      read: hidden,
      async add() {
        const reviewId = await review();
        await admin.hideReview({ reviewId, reason });
        return reviewId;
      },
      remove: reviewId => admin.restoreReview({ reviewId, reason }),
      others: [reported],
    });
  },
  async "ReviewAdminService.ListReviewReports"(walkers) {
    const { report, reportsOf, hidden } = openModerator(walkers);
    const { review } = await openReviewer(walkers);
    const [reviewId, another] = [await review(), await review()];
    const others = [reportsOf(another), hidden];
    await walkList({ read: reportsOf(reviewId), add: () => report(reviewId), others });
  },
  async "SubscriptionService.ListSubscriptions"(walkers) {
    const [user, another] = [await newUser(walkers), await newUser(walkers)];
    let creatorId = unknownCreatorId;
    const change = (statement: string, id: bigint) => walkers.sql.query(statement, [user.userId, id]);
    await walkList({
      read: subscriptionsOf(walkers, user),
      // To creators who do not exist, so that none has to be made.
      add: () =>
        change("INSERT INTO subscribe.subscription (user_id, creator_id) VALUES (?, ?)", creatorId++),
      remove: id => change("DELETE FROM subscribe.subscription WHERE user_id = ? AND creator_id = ?", id),
      others: [subscriptionsOf(walkers, another), feedOf(walkers, user)],
    });
    await walkers.sql.query("DELETE FROM subscribe.subscription WHERE user_id = ?", [user.userId]);
  },
  async "FeedService.ListFeed"(walkers) {
    const { stack, market } = walkers;
    const [user, another] = [await newUser(walkers), await newUser(walkers)];
    const { token } = user;
    const { creatorId } = market.creator;
    await createPublicClient(stack, SubscriptionService, { token }).subscribe({ creatorId });
    const read = feedOf(walkers, user);
    await until(async () => (await read({ pageSize: 100 })).ids.length === rowsOfWalk, "all are in the feed");
    await walkList({
      read,
      add: () => market.publishQuestion(),
      remove: questionId => market.creator.authoring.unpublishQuestion({ questionId }),
      others: [feedOf(walkers, another), subscriptionsOf(walkers, user)],
    });
  },
};
