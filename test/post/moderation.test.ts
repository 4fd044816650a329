import { expect } from "chai";
import type { Connection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { PostAdminService, type PostReport } from "#gen/questioncloud/post/v1/post_admin_pb.ts";
import { ReportReason } from "#gen/questioncloud/review/v1/review_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { type Board, type Member, openBoard } from "../support/market/boards.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { pngBytes } from "../support/market/questions.ts";
import { unknownUserId } from "../support/market/user-suite.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const report = { reason: ReportReason.ABUSE, text: "욕설이 있습니다." };

describe("reports of posts and comments", () => {
  let stack: Stack;
  let sql: Connection;
  let board: Board;
  let creator: Member;
  let owner: Member;
  let questionId: bigint;

  before(async () => {
    stack = await sharedStack();
    board = await openBoard(stack);
    ({ creator, owner, questionId } = board);
    sql = await connectAdmin(stack.mariadb.url);
    await sql.query("USE post");
  });
  after(() => sql?.end());

  const admin = () => createPublicClient(stack, PostAdminService, { token: board.market.admin.token });
  const target = {
    post: (postId: bigint) => ({ target: { case: "postId", value: postId } as const }),
    comment: (commentId: bigint) => ({ target: { case: "commentId", value: commentId } as const }),
  };
  const openReports = async () => {
    const reports: PostReport[] = [];
    let pageToken = "";
    do {
      const page = await admin().listPostReports({ pageSize: 2, pageToken });
      reports.push(...page.reports);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return reports;
  };
  const auditOf = (subject: string) =>
    sql.query("SELECT action, detail FROM audit_log WHERE subject = ?", [subject]);

  it("are made once per user, about what others wrote, by those who may use the board", async () => {
    const { postId } = await owner.write(questionId);
    const { commentId } = await owner.comment(postId);
    const attempts = {
      post: (member: Member) => member.posts.reportPost({ postId, ...report }),
      comment: (member: Member) => member.comments.reportComment({ commentId, ...report }),
    };
    for (const attempt of Object.values(attempts)) {
      await attempt(creator);
      expect(await refusalOf(attempt(creator))).to.include({
        reason: "ALREADY_REPORT_POST",
        code: "AlreadyExists",
      });
      expect((await refusalOf(attempt(owner))).reason).to.equal("OWN_POST");
      expect((await refusalOf(attempt(board.outsider))).reason).to.equal("NO_BOARD_ACCESS");
    }
    const unknown = [
      () => creator.posts.reportPost({ postId: unknownUserId, ...report }),
      () => creator.comments.reportComment({ commentId: unknownUserId, ...report }),
    ];
    for (const attempt of unknown) {
      expect((await refusalOf(attempt())).reason).to.equal("NOT_FOUND");
    }
  });

  it("are listed for administrators, the longest waiting first, until they are closed", async () => {
    const { postId, title, body } = await owner.write(questionId);
    const comment = await owner.comment(postId, "심한 말");
    const { commentId } = comment;
    await creator.posts.reportPost({ postId, ...report });
    await creator.comments.reportComment({ commentId, ...report });
    const [first, second] = (await openReports()).slice(-2);
    const common = { userId: creator.person.userId, writerId: owner.person.userId, title, ...report };
    expect(first).to.deep.include({ ...common, body });
    expect(first?.target?.target).to.deep.include({ case: "postId", value: postId });
    expect(second).to.deep.include({ ...common, body: "심한 말" });
    expect(second?.target?.target).to.deep.include({ case: "commentId", value: commentId });
    await admin().closePostReports({ target: target.post(postId), reason: "문제 없음" });
    expect((await openReports()).map(({ reportId }) => reportId))
      .to.include(second?.reportId)
      .and.not.include(first?.reportId);
    expect((await owner.posts.getPost({ postId })).post?.postId).to.equal(postId);
    expect(await auditOf(`post ${postId}`)).to.deep.equal([
      { action: "post.keep", detail: { reason: "문제 없음" } },
    ]);
  });

  it("are judged by administrators, who read the post, its files, its comments, and what it said before", async () => {
    const { moderator } = board;
    const bytes = pngBytes();
    const uploadId = await owner.upload(questionId, { contentType: "image/png", bytes });
    const written = await owner.write(questionId, { files: [{ uploadId, name: "사진.png" }] });
    const { postId, version } = written;
    const files = written.files.map(({ uploadId: id, name }) => ({ uploadId: id, name }));
    await owner.posts.updatePost({ postId, version, content: { title: "제목", body: "고침", files } });
    const { commentId } = await owner.comment(postId);
    expect((await moderator.posts.getPost({ postId })).post?.body).to.equal("고침");
    expect((await moderator.posts.listPostEdits({ postId })).edits[0]?.body).to.equal(written.body);
    const { comments } = await moderator.comments.listComments({ postId });
    expect(comments.map(each => each.commentId)).to.deep.equal([commentId]);
    const { url } = await moderator.posts.createFileLink({ postId, uploadId });
    expect(await (await fetch(url)).bytes()).to.deep.equal(bytes);
    const attempts = [
      moderator.write(questionId),
      moderator.comment(postId),
      moderator.posts.pinPost({ postId }),
    ];
    for (const attempt of attempts) {
      expect((await refusalOf(attempt)).reason).to.equal("NO_BOARD_ACCESS");
    }
  });

  it("end with the removal of what they are about, which is in the audit log", async () => {
    const { postId } = await owner.write(questionId);
    const { commentId } = await owner.comment(postId);
    await creator.comments.reportComment({ commentId, ...report });
    await admin().removePost({ target: target.comment(commentId), reason: "욕설" });
    expect((await owner.posts.getPost({ postId })).post?.commentCount).to.equal(0);
    await admin().removePost({ target: target.post(postId), reason: "광고" });
    expect((await refusalOf(owner.posts.getPost({ postId }))).reason).to.equal("NOT_FOUND");
    const left = (await openReports()).map(each => each.target?.target.value);
    expect(left).not.to.include(commentId);
    for (const [subject, reason] of [
      [`comment ${commentId}`, "욕설"],
      [`post ${postId}`, "광고"],
    ] as const) {
      expect(await auditOf(subject)).to.deep.equal([{ action: "post.remove", detail: { reason } }]);
    }
    for (const gone of [target.post(postId), target.comment(commentId)]) {
      for (const decide of [admin().removePost, admin().closePostReports]) {
        expect((await refusalOf(decide({ target: gone, reason: "다시" }))).reason).to.equal("NOT_FOUND");
      }
    }
    const forged = refusalOf(admin().listPostReports({ pageToken: "forged" }));
    expect((await forged).reason).to.equal("INVALID_PAGE_TOKEN");
  });

  it("lose their text when their user withdraws", async () => {
    const reader = await board.createOwner([questionId]);
    const { postId } = await owner.write(questionId);
    await reader.posts.reportPost({ postId, ...report });
    const { userId } = reader.person;
    await deliverTo(stack, "post", UserWithdrawnSchema, { userId, withdrawTime: { seconds: 1n } });
    await until(async () => {
      const found = (await openReports()).find(each => each.userId === userId);
      return found?.text === "" && found.reason === ReportReason.ABUSE;
    });
  });
});
