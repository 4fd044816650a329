import { expect } from "chai";
import type { Connection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { PublicUserState } from "#gen/questioncloud/user/v1/user_pb.ts";
import { type Board, type Member, openBoard } from "../support/market/boards.ts";
import { unknownUserId } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { requireNoViolations, sharedStack } from "../support/stack/stack.ts";

describe("comments on a post", () => {
  let stack: Stack;
  let sql: Connection;
  let board: Board;
  let creator: Member;
  let owner: Member;
  let outsider: Member;
  let postId: bigint;

  before(async () => {
    stack = await sharedStack();
    board = await openBoard(stack);
    sql = await connectAdmin(stack.mariadb.url);
    await sql.query("USE post");
    ({ creator, owner, outsider } = board);
  });
  after(() => sql?.end());
  beforeEach(async () => {
    ({ postId } = await owner.write(board.questionId));
  });

  const list = async (reader: Member) => (await reader.comments.listComments({ postId })).comments;
  const countOf = async () => (await owner.posts.getPost({ postId })).post?.commentCount;

  it("say whether the creator of the question wrote them, and whether the caller did", async () => {
    const asked = await owner.comment(postId, "풀이의 셋째 줄을 모르겠습니다.");
    const answered = await creator.comment(postId, "로그의 성질입니다.");
    expect(asked).to.include({ writtenByCreator: false, writtenByCaller: true, version: 1 });
    expect(answered).to.include({ writtenByCreator: true, writtenByCaller: true });
    expect(await list(owner)).to.deep.equal([asked, { ...answered, writtenByCaller: false }]);
    expect(await list(creator)).to.deep.equal([{ ...asked, writtenByCaller: false }, answered]);
    expect(asked.writer?.name).to.equal("구매자");
    expect(await countOf()).to.equal(2);
  });

  it("keep the mark of the creator that they were written with", async () => {
    const { commentId } = await creator.comment(postId);
    await sql.query("UPDATE comment SET writer_id = ? WHERE comment_id = ?", [unknownUserId, commentId]);
    const [comment] = await list(owner);
    expect(comment).to.include({ writtenByCreator: true, writtenByCaller: false });
    expect(comment?.writer?.state).to.equal(PublicUserState.WITHDRAWN);
  });

  it("are closed to everyone who may not use the board", async () => {
    const requestId = crypto.randomUUID();
    const attempts = [
      () => outsider.comments.listComments({ postId }),
      () => outsider.comments.createComment({ requestId, postId, body: "끼어들기" }),
    ];
    for (const attempt of attempts) {
      expect(await refusalOf(attempt())).to.include({ reason: "NO_BOARD_ACCESS", code: "PermissionDenied" });
    }
    expect(await countOf()).to.equal(0);
  });

  it("are edited and deleted by their writer alone", async () => {
    const { commentId, version } = await owner.comment(postId);
    for (const other of [creator, outsider]) {
      const attempts = [
        () => other.comments.updateComment({ commentId, version, body: "남의 말" }),
        () => other.comments.deleteComment({ commentId }),
      ];
      for (const attempt of attempts) {
        expect((await refusalOf(attempt())).reason).to.equal("NOT_FOUND");
      }
    }
    const { comment } = await owner.comments.updateComment({ commentId, version, body: "고쳤습니다." });
    expect(comment).to.include({ body: "고쳤습니다.", version: 2 });
    expect(comment?.editTime).not.to.equal(undefined);
    const stale = await refusalOf(owner.comments.updateComment({ commentId, version, body: "늦었습니다." }));
    expect(stale).to.include({ reason: "EDIT_CONFLICT", code: "Aborted" });
    await owner.comments.deleteComment({ commentId });
    expect(await list(creator)).to.deep.equal([]);
    expect(await countOf()).to.equal(0);
  });

  it("are not found where comment or post is unknown", async () => {
    const attempts = [
      () => owner.comments.listComments({ postId: unknownUserId }),
      () => owner.comment(unknownUserId),
      () => owner.comments.updateComment({ commentId: unknownUserId, version: 1, body: "없음" }),
      () => owner.comments.deleteComment({ commentId: unknownUserId }),
    ];
    for (const attempt of attempts) {
      expect((await refusalOf(attempt())).reason).to.equal("NOT_FOUND");
    }
  });

  it("are written once however often a request is repeated, and counted once", async () => {
    const request = { requestId: crypto.randomUUID(), postId, body: "한 번" };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => owner.comments.createComment(request)));
    expect(new Set(answers.map(({ comment }) => comment?.commentId)).size).to.equal(1);
    expect(await countOf()).to.equal(1);
    const changed = owner.comments.createComment({ ...request, body: "두 번" });
    expect((await refusalOf(changed)).reason).to.equal("IDEMPOTENCY_KEY_REUSED");
  });

  it("are answered to a repeated request also after the comment replied to is gone", async () => {
    const { commentId: parentCommentId } = await owner.comment(postId);
    const request = { requestId: crypto.randomUUID(), postId, body: "답", parentCommentId };
    const { comment } = await creator.comments.createComment(request);
    await owner.comments.deleteComment({ commentId: parentCommentId });
    const repeated = await creator.comments.createComment(request);
    expect(repeated.comment?.commentId).to.equal(comment?.commentId);
    expect(await countOf()).to.equal(1);
  });

  it("are counted exactly while twenty are written and deleted at once", async () => {
    const written = await Promise.all(Array.from({ length: 10 }, () => owner.comment(postId)));
    await Promise.all([
      ...written.map(({ commentId }) => owner.comments.deleteComment({ commentId })),
      ...Array.from({ length: 10 }, () => creator.comment(postId)),
    ]);
    expect(await countOf()).to.equal(10);
    expect((await list(owner)).length).to.equal(10);
  });

  it("reply to a comment on the same post, one level deep, and outlive it", async () => {
    const asked = await owner.comment(postId, "질문");
    const reply = async (member: Member, parentCommentId: bigint, on = postId) => {
      const request = { requestId: crypto.randomUUID(), postId: on, body: "답", parentCommentId };
      return (await member.comments.createComment(request)).comment;
    };
    const answer = await reply(creator, asked.commentId);
    const thanks = await reply(owner, answer?.commentId ?? 0n);
    expect([asked, answer, thanks].map(each => each?.parentCommentId)).to.deep.equal([
      0n,
      asked.commentId,
      asked.commentId,
    ]);
    const other = await owner.write(board.questionId);
    const elsewhere = reply(owner, asked.commentId, other.postId);
    expect((await refusalOf(elsewhere)).reason).to.equal("NOT_FOUND");
    await owner.comments.deleteComment({ commentId: asked.commentId });
    expect((await list(owner)).map(each => each.parentCommentId)).to.deep.equal([0n, 0n]);
    expect(await countOf()).to.equal(2);
  });

  it("are compared with the count of their post by a command", async () => {
    const change = (by: number) =>
      sql.query("UPDATE post SET comment_count = comment_count + ? WHERE post_id = ?", [by, postId]);
    await change(1);
    const found = await requireNoViolations(stack, ["post"]).catch(String);
    await change(-1);
    expect(found).to.include(`I6 comments of posts in post\n  post ${postId} counts 1 comments and has 0`);
    await requireNoViolations(stack, ["post"]);
  });

  it("are deleted with their post, while others are being written", async () => {
    await owner.comment(postId);
    const writing = Array.from({ length: 5 }, () => creator.comment(postId));
    const outcomes = await Promise.allSettled([owner.posts.deletePost({ postId }), ...writing]);
    expect(outcomes[0]?.status).to.equal("fulfilled");
    expect((await refusalOf(list(creator))).reason).to.equal("NOT_FOUND");
    expect(await sql.query("SELECT * FROM comment WHERE post_id = ?", [postId])).to.deep.equal([]);
  });

  it("are limited in length and in number", async () => {
    for (const body of ["", " \n ", "가".repeat(2001)]) {
      expect((await refusalOf(owner.comment(postId, body))).reason).to.equal("BAD_REQUEST");
    }
    expect((await owner.comment(postId, "가".repeat(2000))).body.length).to.equal(2000);
    const full = await owner.write(board.questionId);
    const columns = "writer_id, request_hash, body, written_by_creator";
    await sql.query(
      `INSERT INTO comment (post_id, request_id, ${columns})
        SELECT ?, UUID(), ${columns} FROM comment, seq_1_to_1000 WHERE post_id = ?`,
      [full.postId, postId],
    );
    await sql.query("UPDATE post SET comment_count = 1000 WHERE post_id = ?", [full.postId]);
    const refused = await refusalOf(owner.comment(full.postId));
    expect(refused).to.include({ reason: "TOO_MANY_COMMENTS", code: "ResourceExhausted" });
    await owner.posts.deletePost({ postId: full.postId });
  });
});
