import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { QuestionSort, StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { ReviewService, ReviewSort } from "#gen/questioncloud/review/v1/review_pb.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import { type Author, publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { createReviewer, type Reviewer } from "../support/market/reviews.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { expectPageRules, expectStableWalk, walkPages } from "../support/rpc/walk-pages.ts";
import { participantStack } from "../support/stack/participant-stack.ts";
import { untilNoViolations } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const command = fileURLToPath(new URL("../../ops/rebuild-statistics.ts", import.meta.url));
const counting = ["review", "question", "creator"];
const rates = [3, 5, 1, 4, 5, 3, 2, 5];

describe("lists and statistics of reviews", () => {
  let stack: Stack;
  let author: Author;
  let buying: Buying;
  let questionId: bigint;
  let writers: { reviewer: Reviewer; reviewId: bigint; rate: number }[];

  const anyone = () => createPublicClient(stack, ReviewService);
  const listOf =
    (sort: ReviewSort, id = questionId) =>
    async (request: object) => {
      const page = await anyone().listReviews({ questionId: id, sort, ...request });
      return { ids: page.reviews.map(({ reviewId }) => reviewId), nextPageToken: page.nextPageToken };
    };
  const expected = (order: (a: number, b: number) => number) =>
    writers
      .toSorted((a, b) => order(a.rate, b.rate) || Number(b.reviewId - a.reviewId))
      .map(({ reviewId }) => reviewId);

  before(async () => {
    stack = await participantStack();
    [author, buying] = [await signUpAuthor(stack), await openBuying(stack)];
    ({ questionId } = await publishQuestion(author));
    writers = [];
    for (const rate of rates) {
      const reviewer = await createReviewer(stack, buying, [questionId]);
      const { reviewId } = await reviewer.review(questionId, rate);
      writers.push({ reviewer, reviewId, rate });
    }
  });
  after(() => buying?.close());

  it("are sorted newest first, by the highest and by the lowest rate, page by page", async () => {
    const idsOf = (sort: ReviewSort) => walkPages(listOf(sort), 3);
    expect(await idsOf(ReviewSort.UNSPECIFIED)).to.deep.equal(expected(() => 0));
    expect(await idsOf(ReviewSort.NEWEST)).to.deep.equal(expected(() => 0));
    expect(await idsOf(ReviewSort.HIGHEST)).to.deep.equal(expected((a, b) => b - a));
    expect(await idsOf(ReviewSort.LOWEST)).to.deep.equal(expected((a, b) => a - b));
  });

  it("refuse a token of another question or another order, and one that was made up", async () => {
    const { NEWEST, HIGHEST } = ReviewSort;
    await expectPageRules(listOf(NEWEST), [listOf(NEWEST, questionId + 1n), listOf(HIGHEST)]);
  });

  it("count how often each rate was given, without deleted reviews", async () => {
    const summary = await anyone().getReviewSummary({ questionId });
    expect(summary.histogram.map(({ rate, reviewCount }) => [rate, reviewCount])).to.deep.equal([
      [5, 3n],
      [4, 1n],
      [3, 2n],
      [2, 1n],
      [1, 1n],
    ]);
    expect(summary).to.deep.include({ reviewCount: 8n, averageRateTenths: 35 });
    const nothing = await anyone().getReviewSummary({ questionId: 2n ** 60n });
    expect(nothing).to.deep.include({ reviewCount: 0n, averageRateTenths: 0 });
    expect(nothing.histogram).to.have.length(5);
  });

  it("show what else a reviewer gave, without deleted reviews", async () => {
    const [one, two] = [await publishQuestion(author), await publishQuestion(author)];
    const reviewer = await createReviewer(stack, buying, [one.questionId, two.questionId]);
    await reviewer.review(one.questionId, 5);
    await reviewer.review(two.questionId, 2);
    const statistics = async () => {
      const { reviews } = await anyone().listReviews({ questionId: one.questionId });
      return reviews[0]?.reviewerStatistics;
    };
    expect(await statistics()).to.deep.include({ reviewCount: 2n, averageRateTenths: 35 });
    await reviewer.remove(two.questionId);
    expect(await statistics()).to.deep.include({ reviewCount: 1n, averageRateTenths: 50 });
  });

  it("show reviewers their own reviews, newest first and page by page, without deleted ones", async () => {
    const questionIds = [];
    for (const _ of [1, 2, 3, 4]) {
      questionIds.push((await publishQuestion(author)).questionId);
    }
    const reviewer = await createReviewer(stack, buying, questionIds);
    const reviewIds = [];
    for (const id of questionIds) {
      reviewIds.push((await reviewer.review(id, 4)).reviewId);
    }
    await reviewer.remove(questionIds[1] ?? 0n);
    const own = async (request: object) => {
      const page = await reviewer.reviews.listOwnReviews(request);
      return { ids: page.reviews.map(({ reviewId }) => reviewId), nextPageToken: page.nextPageToken };
    };
    const left = reviewIds.filter((_, index) => index !== 1).reverse();
    expect(await walkPages(own, 2)).to.deep.equal(left);
    await expectPageRules(own, [listOf(ReviewSort.NEWEST)]);
  });

  it("neither repeat nor skip a review that stays while others come and go", async () => {
    for (const sort of [ReviewSort.NEWEST, ReviewSort.HIGHEST, ReviewSort.LOWEST]) {
      const { questionId: id } = await publishQuestion(author);
      const byReview = new Map<bigint, Reviewer>();
      const add = async () => {
        const reviewer = await createReviewer(stack, buying, [id]);
        const { reviewId } = await reviewer.review(id, (byReview.size % 5) + 1);
        byReview.set(reviewId, reviewer);
      };
      for (const _ of [...rates, 1]) {
        await add();
      }
      const remove = async (reviewId: bigint) => byReview.get(reviewId)?.remove(id);
      await expectStableWalk({ read: listOf(sort, id), add, remove });
    }
  });

  it("reach the question in the store, its order by rate, and the profile of its creator", async () => {
    const store = createPublicClient(stack, StoreService);
    const creators = createPublicClient(stack, CreatorService);
    const { creatorId, ...seller } = await signUpAuthor(stack);
    const publish = async () => (await publishQuestion({ creatorId, ...seller })).questionId;
    const [good, best, unrated] = [await publish(), await publish(), await publish()];
    const reviewers = [
      await createReviewer(stack, buying, [good, best]),
      await createReviewer(stack, buying, [good]),
    ];
    await reviewers[0]?.review(good, 4);
    await reviewers[1]?.review(good, 3);
    const { reviewId = 0n, version } = (await reviewers[0]?.review(best, 1)) ?? {};
    const content = { rate: 5, comment: "다시 풀어 보니 최고입니다." };
    await reviewers[0]?.reviews.updateReview({ reviewId, version: version ?? 0n, content });
    const ofCreator = async () => (await creators.getCreator({ creatorId })).creator?.statistics;
    const inStore = async () => {
      const page = await store.listQuestions({ sort: QuestionSort.RATE, filter: { creatorId } });
      return page.questions.map(question => [
        question.questionId,
        question.reviewCount,
        question.averageRateTenths,
      ]);
    };
    await until(async () => (await inStore())[0]?.[2] === 50 && (await inStore())[1]?.[2] === 35);
    expect(await inStore()).to.deep.equal([
      [best, 1n, 50],
      [good, 2n, 35],
      [unrated, 0n, 0],
    ]);
    await until(async () => {
      const { reviewCount, averageRateTenths } = (await ofCreator()) ?? {};
      return reviewCount === 3n && averageRateTenths === 40;
    }, "the profile of the creator has the reviews");
    await untilNoViolations(stack, counting);
  });

  it("are compared with the reviews by a command, which refuses a wrong call", async () => {
    const run = (...args: string[]) => {
      const env = { ...process.env, ...stack.env };
      return promisify(execFile)(process.execPath, [command, ...args], { env });
    };
    await untilNoViolations(stack, counting);
    // Suites that act as pay on this stack leave sales without a purchase.
    const first = (await run()).stdout.split("\n").filter(line => !/counts sale|^complete: /.test(line));
    expect(first).to.deep.equal([""]);
    expect((await run()).stdout).to.equal("complete: 0 corrected\n");
    const failed = await run("everything").catch(error => error);
    expect(failed).to.include({ code: 2 });
    expect(failed.stderr).to.match(/^not understood: everything$/m);
  });
});
