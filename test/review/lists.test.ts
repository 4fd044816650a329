import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { QuestionSort, StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { type Review, ReviewService, ReviewSort } from "#gen/questioncloud/review/v1/review_pb.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import { type Author, publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { createReviewer, type Reviewer } from "../support/market/reviews.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { questionStack } from "../support/stack/question-stack.ts";
import { requireNoViolations } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const rates = [3, 5, 1, 4, 5, 3, 2, 5];

describe("lists and statistics of reviews", () => {
  let stack: Stack;
  let author: Author;
  let buying: Buying;
  let questionId: bigint;
  let writers: { reviewer: Reviewer; reviewId: bigint; rate: number }[];

  const anyone = () => createPublicClient(stack, ReviewService);
  const walk = async (sort: ReviewSort, between: () => Promise<unknown> = async () => {}) => {
    const seen: Review[] = [];
    let pageToken = "";
    do {
      const page = await anyone().listReviews({ questionId, sort, pageSize: 3, pageToken });
      seen.push(...page.reviews);
      pageToken = page.nextPageToken;
      await between();
    } while (pageToken !== "");
    return seen;
  };
  const expected = (order: (a: number, b: number) => number) =>
    writers
      .toSorted((a, b) => order(a.rate, b.rate) || Number(b.reviewId - a.reviewId))
      .map(({ reviewId }) => reviewId);

  before(async () => {
    stack = await questionStack();
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
    const idsOf = async (sort: ReviewSort) => (await walk(sort)).map(({ reviewId }) => reviewId);
    expect(await idsOf(ReviewSort.UNSPECIFIED)).to.deep.equal(expected(() => 0));
    expect(await idsOf(ReviewSort.NEWEST)).to.deep.equal(expected(() => 0));
    expect(await idsOf(ReviewSort.HIGHEST)).to.deep.equal(expected((a, b) => b - a));
    expect(await idsOf(ReviewSort.LOWEST)).to.deep.equal(expected((a, b) => a - b));
  });

  it("neither repeat nor skip a review that stays while others come and go", async () => {
    for (const sort of [ReviewSort.NEWEST, ReviewSort.HIGHEST, ReviewSort.LOWEST]) {
      const passing: Reviewer[] = [];
      const comeAndGo = async () => {
        const reviewer = await createReviewer(stack, buying, [questionId]);
        await reviewer.review(questionId, 4);
        await passing.pop()?.remove(questionId);
        passing.push(reviewer);
      };
      const stays = new Set(writers.map(({ reviewId }) => reviewId));
      const seen = (await walk(sort, comeAndGo)).map(({ reviewId }) => reviewId);
      expect(new Set(seen).size).to.equal(seen.length);
      expect(seen.filter(id => stays.has(id)).sort()).to.deep.equal([...stays].sort());
      await passing.pop()?.remove(questionId);
    }
  });

  it("refuse a token of another question or another order, and one that was made up", async () => {
    const { nextPageToken: pageToken } = await anyone().listReviews({ questionId, pageSize: 1 });
    expect(pageToken).not.to.equal("");
    for (const request of [
      { questionId: questionId + 1n, pageToken },
      { questionId, sort: ReviewSort.HIGHEST, pageToken },
      { questionId, pageToken: "x" },
    ]) {
      expect((await refusalOf(anyone().listReviews(request))).reason).to.equal("INVALID_PAGE_TOKEN");
    }
    expect((await anyone().listReviews({ questionId, pageSize: 1000 })).reviews).to.have.length(rates.length);
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
    await until(async () => (await ofCreator())?.averageRateTenths === 40);
    expect(await ofCreator()).to.deep.include({ reviewCount: 3n });
    await requireNoViolations(stack, ["review", "question", "creator"]);
  });
});
