import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { ReviewService, ReviewState } from "#gen/questioncloud/review/v1/review_pb.ts";
import { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { PublicUserState } from "#gen/questioncloud/user/v1/user_pb.ts";
import { signUp, signUpAdmin } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import { type Author, publishQuestion, signUpAuthor, writeDraft } from "../support/market/questions.ts";
import { createReviewer, type Reviewer } from "../support/market/reviews.ts";
import { createPublicClient, reasonOf, refusalOf } from "../support/rpc/clients.ts";
import { participantStack } from "../support/stack/participant-stack.ts";

const unknownId = 2n ** 60n;

describe("reviews", () => {
  let stack: Stack;
  let author: Author;
  let buying: Buying;

  const anyone = () => createPublicClient(stack, ReviewService);
  const newReviewer = (...questionIds: bigint[]) => createReviewer(stack, buying, questionIds);
  const publish = async () => (await publishQuestion(author)).questionId;
  const reasonFor = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const list = async (questionId: bigint, { reviews }: Pick<Reviewer, "reviews"> = { reviews: anyone() }) =>
    (await reviews.listReviews({ questionId })).reviews;

  before(async () => {
    stack = await participantStack();
    [author, buying] = [await signUpAuthor(stack), await openBuying(stack)];
  });
  after(() => buying?.close());

  it("are written by owners, shown to everyone, and returned to their writer", async () => {
    const questionId = await publish();
    const person = await signUp(stack, "김수험");
    const writer = await createReviewer(stack, buying, [questionId], person);
    const written = await writer.review(questionId, 4, "해설이 자세합니다.\n추천!");
    expect(written).to.deep.include({ questionId, version: 1n, state: ReviewState.SHOWN });
    expect(written.editTime).to.equal(undefined);
    expect((await writer.reviews.getOwnReview({ questionId })).review).to.deep.equal(written);
    const [shown] = await list(questionId);
    expect(shown?.content).to.deep.include({ rate: 4, comment: "해설이 자세합니다.\n추천!" });
    expect(shown?.reviewer).to.deep.include({ name: "김수험", state: PublicUserState.ACTIVE });
    expect(shown?.reviewerStatistics).to.deep.include({ reviewCount: 1n, averageRateTenths: 40 });
    expect(shown?.isWriter).to.equal(false);
    expect((await list(questionId, writer))[0]?.isWriter).to.equal(true);
    expect(await list(unknownId)).to.deep.equal([]);
  });

  it("are refused for what is not on sale, one's own, what was not bought, and twice, in this order", async () => {
    const [sold, deleted, draft] = [await publish(), await publish(), await writeDraft(author)];
    const buyer = await newReviewer(sold, deleted);
    await author.authoring.deleteQuestion({ questionId: deleted });
    for (const questionId of [deleted, draft.questionId, unknownId]) {
      expect(await refusalOf(buyer.review(questionId))).to.deep.include({
        reason: "UNAVAILABLE_QUESTION",
        metadata: { question_id: String(questionId) },
      });
    }
    const creator = await createReviewer(stack, buying, [], author);
    expect(await reasonFor(creator.review(sold))).to.equal("OWN_QUESTION_REVIEW");
    expect(await refusalOf((await newReviewer()).review(sold))).to.include({
      reason: "NOT_OWNED_QUESTION",
      code: "PermissionDenied",
    });
    await buyer.review(sold);
    expect(await refusalOf(buyer.review(sold))).to.include({
      reason: "ALREADY_REGISTER_REVIEW",
      code: "AlreadyExists",
    });
  });

  it("need a rate from 1 to 5 and a comment that is not blank", async () => {
    const questionId = await publish();
    const buyer = await newReviewer(questionId);
    for (const [rate, comment] of [
      [0, "x"],
      [6, "x"],
      [-1, "x"],
      [5, ""],
      [5, " \n\u3000"],
      [5, "x".repeat(2001)],
    ] as const) {
      expect(await reasonFor(buyer.review(questionId, rate, comment))).to.equal("BAD_REQUEST");
    }
    expect(await reasonFor(buyer.reviews.createReview({ questionId }))).to.equal("BAD_REQUEST");
    expect((await refusalOf(anyone().createReview({ questionId }))).code).to.equal("Unauthenticated");
    expect(await list(questionId)).to.deep.equal([]);
  });

  it("are registered once by a hundred parallel calls of one user", async () => {
    const questionId = await publish();
    const buyer = await newReviewer(questionId);
    const calls = Array.from({ length: 100 }, (_, index) => buyer.review(questionId, (index % 5) + 1));
    const outcomes = await Promise.all(calls.map(call => call.then(() => "written", reasonOf)));
    expect(outcomes.filter(outcome => outcome === "written")).to.have.length(1);
    expect(outcomes.filter(outcome => outcome === "ALREADY_REGISTER_REVIEW")).to.have.length(99);
    expect(await list(questionId)).to.have.length(1);
    expect((await anyone().getReviewSummary({ questionId })).reviewCount).to.equal(1n);
  });

  it("are changed and deleted by their writer alone, also after the question left the store", async () => {
    const questionId = await publish();
    const [writer, other] = [await newReviewer(questionId), await newReviewer(questionId)];
    const { reviewId } = await writer.review(questionId, 2);
    const content = { rate: 5, comment: "다시 보니 좋네요." };
    const { reviews } = other;
    expect(await reasonFor(reviews.updateReview({ reviewId, version: 1n, content }))).to.equal("NOT_FOUND");
    expect(await reasonFor(reviews.deleteReview({ reviewId }))).to.equal("NOT_FOUND");
    expect(await reasonFor(reviews.getOwnReview({ questionId }))).to.equal("NOT_FOUND");
    await author.authoring.deleteQuestion({ questionId });
    const { review } = await writer.reviews.updateReview({ reviewId, version: 1n, content });
    expect(review).to.deep.include({ version: 2n, content: { ...review?.content, ...content } });
    expect(review?.editTime).not.to.equal(undefined);
    expect((await list(questionId))[0]?.content).to.deep.include(content);
    await writer.reviews.deleteReview({ reviewId });
    expect(await list(questionId)).to.deep.equal([]);
    for (const call of [
      () => writer.reviews.deleteReview({ reviewId }),
      () => writer.reviews.updateReview({ reviewId, version: 3n, content }),
      () => writer.reviews.getOwnReview({ questionId }),
      () => writer.reviews.deleteReview({ reviewId: unknownId }),
    ]) {
      expect(await refusalOf(call())).to.include({ reason: "NOT_FOUND", code: "NotFound" });
    }
  });

  it("are not overwritten by a change of an older version", async () => {
    const questionId = await publish();
    const writer = await newReviewer(questionId);
    const { reviewId } = await writer.review(questionId, 1);
    const change = (rate: number) =>
      writer.reviews.updateReview({ reviewId, version: 1n, content: { rate, comment: `${rate}점` } });
    const outcomes = await Promise.allSettled([2, 3, 4, 5].map(change));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    expect(await reasonFor(change(1))).to.equal("EDIT_CONFLICT");
    expect((await writer.reviews.getOwnReview({ questionId })).review?.version).to.equal(2n);
  });

  it("can be written again after they were deleted, as new ones", async () => {
    const questionId = await publish();
    const writer = await newReviewer(questionId);
    const first = await writer.review(questionId, 1);
    await writer.remove(questionId);
    const second = await writer.review(questionId, 3);
    expect(second).to.deep.include({ version: 1n });
    expect(second.reviewId).not.to.equal(first.reviewId);
    expect(await reasonFor(writer.review(questionId))).to.equal("ALREADY_REGISTER_REVIEW");
    await writer.remove(questionId);
    await writer.review(questionId, 5);
    expect((await list(questionId)).map(({ content }) => content?.rate)).to.deep.equal([5]);
  });

  it("name no reviewer who is banned or has withdrawn, and stay", async () => {
    const questionId = await publish();
    const [person, admin] = [await signUp(stack, "박정지"), await signUpAdmin(stack)];
    const banned = await createReviewer(stack, buying, [questionId], person);
    // A user who exists in a token only is one whose account is gone.
    const gone = await newReviewer(questionId);
    await banned.review(questionId, 3);
    await gone.review(questionId, 4);
    const admins = createPublicClient(stack, UserAdminService, { token: admin.token });
    await admins.banUser({ userId: person.userId, reason: "for a test" });
    const reviewers = (await list(questionId)).map(({ reviewer }) => [reviewer?.name, reviewer?.state]);
    expect(reviewers).to.deep.equal([
      ["", PublicUserState.WITHDRAWN],
      ["", PublicUserState.BANNED],
    ]);
  });

  it("are cached for half a minute, unless a user reads them", async () => {
    const questionId = await publish();
    const { reviews } = await newReviewer();
    for (const [client, expected] of [
      [anyone(), "public, max-age=30"],
      [reviews, "private, no-store"],
    ] as const) {
      const seen: (string | null)[] = [];
      const onHeader = (headers: Headers) => void seen.push(headers.get("cache-control"));
      await client.listReviews({ questionId }, { onHeader });
      await client.getReviewSummary({ questionId }, { onHeader });
      expect(seen).to.deep.equal([expected, expected]);
    }
  });
});
