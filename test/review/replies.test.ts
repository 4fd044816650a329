import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { ReviewService, ReviewSort } from "#gen/questioncloud/review/v1/review_pb.ts";
import { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import { type Author, publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { createReviewer, type Reviewer } from "../support/market/reviews.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { participantStack } from "../support/stack/participant-stack.ts";

const unknownId = 2n ** 60n;

describe("replies to reviews, and votes for them", () => {
  let stack: Stack;
  let author: Author;
  let buying: Buying;
  let questionId: bigint;
  let writer: Reviewer;
  let reviewId: bigint;

  const anyone = () => createPublicClient(stack, ReviewService);
  const replies = ({ token }: { token: string }) => createPublicClient(stack, ReviewReplyService, { token });
  const reasonFor = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const shown = async (reader: Pick<Reviewer, "reviews"> = { reviews: anyone() }) => {
    const { reviews } = await reader.reviews.listReviews({ questionId });
    return reviews.find(review => review.reviewId === reviewId);
  };

  before(async () => {
    stack = await participantStack();
    [author, buying] = [await signUpAuthor(stack), await openBuying(stack)];
  });
  after(() => buying?.close());
  beforeEach(async () => {
    ({ questionId } = await publishQuestion(author));
    writer = await createReviewer(stack, buying, [questionId]);
    ({ reviewId } = await writer.review(questionId, 3));
  });

  it("are written, changed and deleted by the creator of the question, one per review", async () => {
    expect((await shown())?.reply).to.equal(undefined);
    const { reply } = await replies(author).putReviewReply({ reviewId, comment: "고맙습니다." });
    expect(reply?.comment).to.equal("고맙습니다.");
    expect(reply?.editTime).to.equal(undefined);
    expect((await shown())?.reply).to.deep.equal(reply);
    const again = await replies(author).putReviewReply({ reviewId, comment: "고맙습니다." });
    expect(again.reply).to.deep.equal(reply);
    const changed = await replies(author).putReviewReply({ reviewId, comment: "오타를 고쳤습니다." });
    expect(changed.reply).to.deep.include({ comment: "오타를 고쳤습니다.", createTime: reply?.createTime });
    expect(changed.reply?.editTime).not.to.equal(undefined);
    expect((await shown())?.reply).to.deep.equal(changed.reply);
    for (let time = 0; time < 2; time += 1) {
      await replies(author).deleteReviewReply({ reviewId });
      expect((await shown())?.reply).to.equal(undefined);
    }
  });

  it("may be about a question that has left the store", async () => {
    await author.authoring.deleteQuestion({ questionId });
    await replies(author).putReviewReply({ reviewId, comment: "그동안 고마웠습니다." });
    expect((await shown())?.reply?.comment).to.equal("그동안 고마웠습니다.");
  });

  it("are refused to everyone else, and for a review that is not there", async () => {
    const other = await signUpAuthor(stack);
    for (const person of [writer, other]) {
      for (const call of [
        () => replies(person).putReviewReply({ reviewId, comment: "x" }),
        () => replies(person).deleteReviewReply({ reviewId }),
      ]) {
        expect(await refusalOf(call())).to.include({
          reason: "NOT_QUESTION_CREATOR",
          code: "PermissionDenied",
        });
      }
    }
    await writer.remove(questionId);
    for (const id of [reviewId, unknownId]) {
      const put = replies(author).putReviewReply({ reviewId: id, comment: "x" });
      expect(await reasonFor(put)).to.equal("NOT_FOUND");
      expect(await reasonFor(replies(author).deleteReviewReply({ reviewId: id }))).to.equal("NOT_FOUND");
    }
    const blank = replies(author).putReviewReply({ reviewId, comment: " " });
    expect(await reasonFor(blank)).to.equal("BAD_REQUEST");
  });

  it("count a user once who finds a review helpful, until the user takes it back", async () => {
    const [one, two] = [await createReviewer(stack, buying, []), await createReviewer(stack, buying, [])];
    const mark = ({ reviews }: Reviewer, helpful: boolean) =>
      reviews.markReviewHelpful({ reviewId, helpful });
    await Promise.all(Array.from({ length: 10 }, () => mark(one, true)));
    expect((await mark(two, true)).helpfulCount).to.equal(2n);
    expect(await shown()).to.deep.include({ helpfulCount: 2n, markedHelpful: false });
    expect((await shown(one))?.markedHelpful).to.equal(true);
    for (let time = 0; time < 2; time += 1) {
      expect((await mark(one, false)).helpfulCount).to.equal(1n);
    }
    expect(await shown(one)).to.deep.include({ helpfulCount: 1n, markedHelpful: false });
    expect(await reasonFor(mark(writer, true))).to.equal("OWN_REVIEW");
    const unknown = one.reviews.markReviewHelpful({ reviewId: unknownId, helpful: true });
    expect(await reasonFor(unknown)).to.equal("NOT_FOUND");
  });

  it("sort reviews by how many find them helpful, page by page", async () => {
    const others = [
      await createReviewer(stack, buying, [questionId]),
      await createReviewer(stack, buying, [questionId]),
      await createReviewer(stack, buying, [questionId]),
    ];
    const ids: bigint[] = [];
    for (const other of others) {
      ids.push((await other.review(questionId)).reviewId);
    }
    const [first = 0n, second = 0n, third = 0n] = ids;
    await writer.reviews.markReviewHelpful({ reviewId: first, helpful: true });
    await others[1]?.reviews.markReviewHelpful({ reviewId: first, helpful: true });
    await others[1]?.reviews.markReviewHelpful({ reviewId, helpful: true });
    const sort = ReviewSort.HELPFUL;
    const page = await anyone().listReviews({ questionId, sort, pageSize: 2 });
    const rest = await anyone().listReviews({ questionId, sort, pageSize: 2, pageToken: page.nextPageToken });
    const seen = [...page.reviews, ...rest.reviews].map(review => review.reviewId);
    expect(seen).to.deep.equal([first, reviewId, third, second]);
    expect(rest.nextPageToken).to.equal("");
  });
});
