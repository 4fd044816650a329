import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { type AdminReview, ReviewAdminService } from "#gen/questioncloud/review/v1/review_admin_pb.ts";
import { ReportReason, ReviewService, ReviewState } from "#gen/questioncloud/review/v1/review_pb.ts";
import { ReviewReplyService } from "#gen/questioncloud/review/v1/review_reply_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import { type Author, publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { createReviewer, type Reviewer } from "../support/market/reviews.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { participantStack } from "../support/stack/participant-stack.ts";
import { untilNoViolations } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

describe("the moderation of reviews", () => {
  let stack: Stack;
  let author: Author;
  let buying: Buying;
  let admin: { userId: bigint; token: string };
  let questionId: bigint;
  let writer: Reviewer;
  let reviewId: bigint;

  const admins = () => createPublicClient(stack, ReviewAdminService, { token: admin.token });
  const anyone = () => createPublicClient(stack, ReviewService);
  const reasonFor = async (call: Promise<unknown>) => (await refusalOf(call)).reason;
  const report = ({ reviews }: Reviewer, text = "", id = reviewId) =>
    reviews.reportReview({ reviewId: id, reason: ReportReason.SPAM, text });
  const newReader = () => createReviewer(stack, buying, []);
  const isListed = async () => (await anyone().listReviews({ questionId })).reviews.length === 1;
  const walk = async (list: "listReportedReviews" | "listHiddenReviews") => {
    const found: AdminReview[] = [];
    let pageToken = "";
    do {
      const page = await admins()[list]({ pageSize: 1, pageToken });
      found.push(...page.reviews);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return found;
  };

  before(async () => {
    stack = await participantStack();
    [author, buying] = [await signUpAuthor(stack), await openBuying(stack)];
    admin = await signUpAdmin(stack);
  });
  after(() => buying?.close());
  beforeEach(async () => {
    ({ questionId } = await publishQuestion(author));
    writer = await createReviewer(stack, buying, [questionId]);
    ({ reviewId } = await writer.review(questionId, 1));
  });

  it("lists reported reviews for administrators, the longest waiting first, and why", async () => {
    const [one, two] = [await newReader(), await newReader()];
    await report(one, "광고입니다.");
    await report(two);
    expect(await reasonFor(report(one))).to.equal("ALREADY_REPORT_REVIEW");
    expect(await reasonFor(report(writer))).to.equal("OWN_REVIEW");
    expect(await reasonFor(report(one, "", 2n ** 60n))).to.equal("NOT_FOUND");
    const later = await createReviewer(stack, buying, [questionId]);
    const { reviewId: laterId } = await later.review(questionId);
    await report(one, "", laterId);
    const reported = await walk("listReportedReviews");
    expect(reported.map(review => review.reviewId).slice(-2)).to.deep.equal([reviewId, laterId]);
    expect(reported.at(-2)).to.deep.include({ openReportCount: 2n, reviewerId: writer.userId, questionId });
    const { reports } = await admins().listReviewReports({ reviewId });
    expect(reports.map(({ userId, text }) => [userId, text])).to.deep.equal([
      [two.userId, ""],
      [one.userId, "광고입니다."],
    ]);
    const { nextPageToken: pageToken } = await admins().listReviewReports({ reviewId, pageSize: 1 });
    for (const call of [
      () => admins().listReviewReports({ reviewId: laterId, pageToken }),
      () => admins().listReportedReviews({ pageToken }),
      () => admins().listHiddenReviews({ pageToken }),
    ]) {
      expect(await reasonFor(call())).to.equal("INVALID_PAGE_TOKEN");
    }
  });

  it("hides a review from everyone but its writer, who can neither change, delete nor write it again", async () => {
    const reader = await newReader();
    await report(reader);
    const { review } = await admins().hideReview({ reviewId, reason: "광고" });
    expect(review).to.deep.include({ state: ReviewState.HIDDEN, openReportCount: 0n });
    expect(review?.reportTime).to.equal(undefined);
    expect(await isListed()).to.equal(false);
    const own = (await writer.reviews.getOwnReview({ questionId })).review;
    expect(own).to.deep.include({ state: ReviewState.HIDDEN, version: 2n });
    const content = { rate: 5, comment: "다시 씁니다." };
    const update = writer.reviews.updateReview({ reviewId, version: 2n, content });
    expect(await reasonFor(update)).to.equal("HIDDEN_REVIEW");
    expect(await reasonFor(writer.reviews.deleteReview({ reviewId }))).to.equal("HIDDEN_REVIEW");
    expect(await reasonFor(writer.review(questionId))).to.equal("ALREADY_REGISTER_REVIEW");
    expect(await reasonFor(report(await newReader()))).to.equal("NOT_FOUND");
    const vote = reader.reviews.markReviewHelpful({ reviewId, helpful: true });
    expect(await reasonFor(vote)).to.equal("NOT_FOUND");
    expect((await walk("listHiddenReviews"))[0]?.reviewId).to.equal(reviewId);
    const [closed] = (await admins().listReviewReports({ reviewId })).reports;
    expect(closed?.closeTime).not.to.equal(undefined);
  });

  it("counts no hidden review, and counts it again when it is restored", async () => {
    const store = createPublicClient(stack, StoreService);
    const counted = async () => {
      const { question } = await store.getQuestion({ questionId });
      return Number(question?.reviewCount);
    };
    const summary = async () => Number((await anyone().getReviewSummary({ questionId })).reviewCount);
    await until(async () => (await counted()) === 1);
    for (const [change, count] of [
      ["hideReview", 0],
      ["restoreReview", 1],
    ] as const) {
      // The second call changes nothing.
      await admins()[change]({ reviewId, reason: "시험" });
      await admins()[change]({ reviewId, reason: "시험" });
      expect(await summary()).to.equal(count);
      await until(async () => (await counted()) === count);
    }
    expect(await isListed()).to.equal(true);
    expect((await writer.reviews.getOwnReview({ questionId })).review?.version).to.equal(3n);
    await untilNoViolations(stack, ["review", "question", "creator"]);
  });

  it("closes the reports of a review that may stay, and writes every decision to the audit log", async () => {
    await report(await newReader());
    const { review } = await admins().restoreReview({ reviewId, reason: "문제없음" });
    expect(review).to.deep.include({ state: ReviewState.SHOWN, openReportCount: 0n });
    expect((await walk("listReportedReviews")).map(found => found.reviewId)).not.to.include(reviewId);
    await report(await newReader());
    await admins().hideReview({ reviewId, reason: "광고" });
    const sql = await connectAdmin(stack.mariadb.url);
    try {
      const log = await sql.query(
        "SELECT action, JSON_VALUE(detail, '$.reason') AS reason FROM review.audit_log WHERE subject = ?",
        [String(reviewId)],
      );
      expect([...log]).to.deep.equal([
        { action: "review.restore", reason: "문제없음" },
        { action: "review.hide", reason: "광고" },
      ]);
    } finally {
      await sql.end();
    }
    for (const change of ["hideReview", "restoreReview"] as const) {
      expect(await reasonFor(admins()[change]({ reviewId: 2n ** 60n, reason: "x" }))).to.equal("NOT_FOUND");
      const user = createPublicClient(stack, ReviewAdminService, { token: writer.token });
      expect((await refusalOf(user[change]({ reviewId, reason: "x" }))).code).to.equal("PermissionDenied");
    }
  });

  it("keeps the reviews of a user who withdraws, and erases the texts of their reports", async () => {
    const leaving = await createReviewer(stack, buying, [questionId]);
    await leaving.review(questionId, 4, "남는 리뷰");
    await report(leaving, "제 번호는 010-1234-5678입니다.");
    const event = { userId: leaving.userId, withdrawTime: timestampNow() };
    await deliverTo(stack, "review", UserWithdrawnSchema, event);
    await until(async () => (await admins().listReviewReports({ reviewId })).reports[0]?.text === "");
    const { reviews } = await anyone().listReviews({ questionId });
    expect(reviews.map(({ content }) => content?.comment)).to.include("남는 리뷰");
  });

  it("keeps neither the text of a deleted review nor the reply to it", async () => {
    const writer = await createReviewer(stack, buying, [questionId]);
    const deleted = await writer.review(questionId, 2, "010-1234-5678로 연락 주세요.");
    const replies = createPublicClient(stack, ReviewReplyService, { token: author.token });
    await replies.putReviewReply({ reviewId: deleted.reviewId, comment: "010-1234-5678 님, 답변입니다." });
    await writer.remove(questionId);
    const sql = await connectAdmin(stack.mariadb.url);
    try {
      const rows = await sql.query(
        `SELECT r.state, r.rate, r.comment, reply.comment AS reply FROM review.review r
          LEFT JOIN review.review_reply reply ON reply.review_id = r.review_id WHERE r.review_id = ?`,
        [deleted.reviewId],
      );
      expect([...rows]).to.deep.equal([{ state: "DELETED", rate: 2, comment: "", reply: null }]);
    } finally {
      await sql.end();
    }
  });
});
