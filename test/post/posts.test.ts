import { expect } from "chai";
import type { Connection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import { PublicUserState } from "#gen/questioncloud/user/v1/user_pb.ts";
import { type Board, type Member, openBoard } from "../support/market/boards.ts";
import { unknownUserId } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";

const content = { title: "제목", body: "본문" };

describe("posts on the board of a question", () => {
  let sql: Connection;
  let board: Board;
  let creator: Member;
  let owner: Member;
  let outsider: Member;
  let questionId: bigint;

  before(async () => {
    const stack = await sharedStack();
    board = await openBoard(stack);
    sql = await connectAdmin(stack.mariadb.url);
    await sql.query("USE post");
    ({ creator, owner, outsider, questionId } = board);
  });
  after(() => sql?.end());

  it("are written, read and listed by an owner and by the creator, newest first", async () => {
    const first = await owner.write(questionId, content);
    const second = await creator.write(questionId);
    expect(first).to.deep.include({ ...content, questionId, version: 1, commentCount: 0, files: [] });
    expect(first.editTime).to.equal(undefined);
    expect(first.writer).to.include({ name: "구매자", state: PublicUserState.ACTIVE });
    for (const [reader, ownFirst] of [
      [owner, true],
      [creator, false],
    ] as const) {
      const { post } = await reader.posts.getPost({ postId: first.postId });
      expect(post).to.deep.equal({ ...first, writtenByCaller: ownFirst });
      const { posts } = await reader.posts.listPosts({ questionId });
      expect(posts.slice(0, 2).map(({ postId }) => postId)).to.deep.equal([second.postId, first.postId]);
      expect(posts[1]).to.deep.include({ title: "제목", commentCount: 0, createTime: first.createTime });
      expect(posts[1]?.writer?.name).to.equal("구매자");
    }
  });

  it("show the question and its categories", async () => {
    const { postId } = await owner.write(questionId);
    const { post } = await owner.posts.getPost({ postId });
    expect(post).to.include({
      questionTitle: "지수와 로그 12번",
      parentCategoryTitle: "수1",
      categoryTitle: "지수와 로그",
    });
  });

  it("are closed to everyone else: no list, post, upload or new post", async () => {
    const { postId } = await owner.write(questionId);
    const requestId = crypto.randomUUID();
    const file = { contentType: "application/pdf", sizeBytes: 1n };
    const attempts = [
      () => outsider.posts.listPosts({ questionId }),
      () => outsider.posts.getPost({ postId }),
      () => outsider.posts.createUpload({ questionId, ...file }),
      () => outsider.posts.createPost({ requestId, questionId, content }),
      () => outsider.posts.createFileLink({ postId, uploadId: crypto.randomUUID() }),
    ];
    for (const attempt of attempts) {
      const refused = await refusalOf(attempt());
      expect(refused).to.deep.equal({
        reason: "NO_BOARD_ACCESS",
        code: "PermissionDenied",
        metadata: { question_id: questionId.toString() },
      });
    }
  });

  it("are not found where the post or the question is unknown, or the question was never on sale", async () => {
    const draft = await board.market.creator.authoring.createQuestion({
      requestId: crypto.randomUUID(),
      content: (await board.market.creator.authoring.getOwnQuestion({ questionId })).question?.content,
    });
    const draftId = draft.question?.questionId ?? 0n;
    expect((await creator.write(draftId)).questionId).to.equal(draftId);
    const unknownId = unknownUserId;
    const attempts = [
      () => owner.posts.getPost({ postId: unknownId }),
      () => owner.posts.listPosts({ questionId: unknownId }),
      () => owner.posts.listPosts({ questionId: draftId }),
      () => owner.posts.createUpload({ questionId: draftId, contentType: "image/png", sizeBytes: 1n }),
      () => owner.write(draftId),
      () => owner.posts.updatePost({ postId: unknownId, version: 1, content }),
      () => owner.posts.deletePost({ postId: unknownId }),
    ];
    for (const attempt of attempts) {
      expect((await refusalOf(attempt())).reason).to.equal("NOT_FOUND");
    }
  });

  it("are edited and deleted by their writer alone, the creator of the question included", async () => {
    const { postId, version } = await owner.write(questionId);
    for (const other of [creator, outsider]) {
      const attempts = [
        () => other.posts.updatePost({ postId, version, content }),
        () => other.posts.deletePost({ postId }),
      ];
      for (const attempt of attempts) {
        expect((await refusalOf(attempt())).reason).to.equal("NOT_FOUND");
      }
    }
    const { post } = await owner.posts.updatePost({ postId, version, content });
    expect(post).to.include({ ...content, version: 2 });
    expect(post?.editTime).not.to.equal(undefined);
    await owner.posts.deletePost({ postId });
    expect((await refusalOf(owner.posts.getPost({ postId }))).reason).to.equal("NOT_FOUND");
  });

  it("keep one of several edits of the same version, and refuse the others", async () => {
    const { postId, version } = await owner.write(questionId);
    const edits = ["하나", "둘", "셋"].map(title =>
      owner.posts.updatePost({ postId, version, content: { ...content, title } }),
    );
    const outcomes = await Promise.allSettled(edits);
    const won = outcomes.filter(outcome => outcome.status === "fulfilled");
    expect(won.length).to.equal(1);
    const stale = await refusalOf(owner.posts.updatePost({ postId, version, content }));
    expect(stale).to.include({ reason: "EDIT_CONFLICT", code: "Aborted" });
    const { post } = await owner.posts.getPost({ postId });
    expect(post).to.deep.include({ version: 2, title: won[0]?.value.post?.title });
  });

  it("are not edited or deleted by a writer who may not use the board any more, nor are comments", async () => {
    const { postId, version } = await owner.write(questionId);
    const { commentId } = await owner.comment(postId);
    const otherId = await board.market.publishQuestion();
    // What a buyer has of a question does not end yet, so the post moves to a board that the writer never had.
    const move = (toId: bigint) =>
      sql.query("UPDATE post SET question_id = ? WHERE post_id = ?", [toId, postId]);
    await move(otherId);
    const attempts = [
      () => owner.posts.updatePost({ postId, version, content }),
      () => owner.posts.deletePost({ postId }),
      () => owner.posts.pinPost({ postId, pinned: true }),
      () => owner.comments.updateComment({ commentId, version: 1, body: "고침" }),
      () => owner.comments.deleteComment({ commentId }),
    ];
    for (const attempt of attempts) {
      expect((await refusalOf(attempt())).reason).to.equal("NO_BOARD_ACCESS");
    }
    await move(questionId);
    await owner.posts.deletePost({ postId });
  });

  it("stay deleted when they are edited at the same time", async () => {
    for (let round = 0; round < 5; round++) {
      const { postId, version } = await owner.write(questionId);
      await Promise.allSettled([
        owner.posts.updatePost({ postId, version, content }),
        owner.posts.deletePost({ postId }),
      ]);
      expect((await refusalOf(owner.posts.getPost({ postId }))).reason).to.equal("NOT_FOUND");
    }
  });

  it("are pinned to the top of the board by the creator of the question, three of them", async () => {
    const boardId = await board.market.publishQuestion();
    const buyer = await board.createOwner([boardId]);
    const written: bigint[] = [];
    for (let n = 0; n < 5; n++) {
      written.push((await buyer.write(boardId)).postId);
    }
    const [first = 0n, second = 0n, third = 0n, fourth = 0n, fifth = 0n] = written;
    for (const postId of [second, first, third]) {
      expect((await creator.posts.pinPost({ postId, pinned: true })).post?.pinned).to.equal(true);
    }
    const refused = await refusalOf(creator.posts.pinPost({ postId: fourth, pinned: true }));
    expect(refused).to.deep.include({ reason: "TOO_MANY_PINNED_POSTS", metadata: { limit: "3" } });
    expect((await refusalOf(buyer.posts.pinPost({ postId: fourth, pinned: true }))).reason).to.equal(
      "NOT_FOUND",
    );
    await creator.posts.pinPost({ postId: second, pinned: false });
    const ids: bigint[] = [];
    let pageToken = "";
    do {
      const page = await buyer.posts.listPosts({ questionId: boardId, pageSize: 1, pageToken });
      ids.push(...page.posts.map(({ postId }) => postId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(ids).to.deep.equal([third, first, fifth, fourth, second]);
  });

  it("are written once however often a request is repeated, at once or later", async () => {
    const request = { requestId: crypto.randomUUID(), questionId, content };
    const answers = await Promise.all([1, 2, 3].map(() => owner.posts.createPost(request)));
    const postId = answers[0]?.post?.postId ?? 0n;
    await owner.posts.updatePost({ postId, version: 1, content: { ...content, title: "다시" } });
    const again = await owner.posts.createPost(request);
    expect(new Set([...answers, again].map(({ post }) => post?.postId)).size).to.equal(1);
    const changed = { ...request, content: { ...content, body: "다른 본문" } };
    expect((await refusalOf(owner.posts.createPost(changed))).reason).to.equal("IDEMPOTENCY_KEY_REUSED");
    const other = await creator.posts.createPost(changed);
    expect(other.post?.postId).not.to.equal(postId);
  });

  it("stay open to buyers and creator after the question is deleted", async () => {
    const deletedId = await board.market.publishQuestion({ title: "사라질 문제" });
    const buyer = await board.createOwner([deletedId]);
    const { postId } = await buyer.write(deletedId);
    await board.market.creator.authoring.deleteQuestion({ questionId: deletedId });
    for (const reader of [buyer, creator]) {
      expect((await reader.posts.listPosts({ questionId: deletedId })).posts.length).to.equal(1);
      const { post } = await reader.posts.getPost({ postId });
      expect(post?.questionTitle).to.equal("사라질 문제");
    }
    expect((await refusalOf(outsider.posts.listPosts({ questionId: deletedId }))).reason).to.equal(
      "NOT_FOUND",
    );
  });

  it("show a writer who has withdrawn as such, and break no page", async () => {
    const { postId } = await owner.write(questionId);
    await sql.query("UPDATE post SET writer_id = ? WHERE post_id = ?", [unknownUserId, postId]);
    const { post } = await creator.posts.getPost({ postId });
    expect(post?.writer).to.deep.include({ name: "", profileImageUrl: "", state: PublicUserState.WITHDRAWN });
    const { posts } = await creator.posts.listPosts({ questionId });
    expect(posts[0]?.writer?.state).to.equal(PublicUserState.WITHDRAWN);
    expect(posts[1]?.writer?.state).to.equal(PublicUserState.ACTIVE);
  });

  it("have limits: title, text, files", async () => {
    const file = (name: string) => ({ uploadId: crypto.randomUUID(), name });
    const bad = [
      { ...content, title: " " },
      { ...content, title: "가".repeat(101) },
      { ...content, title: "두\n줄" },
      { ...content, body: "" },
      { ...content, body: "가".repeat(10_001) },
      { ...content, files: Array.from({ length: 6 }, () => file("a.pdf")) },
      { ...content, files: [file("")] },
      { ...content, files: Array(2).fill(file("a.pdf")) },
    ];
    for (const each of bad) {
      const request = { requestId: crypto.randomUUID(), questionId, content: each };
      expect((await refusalOf(owner.posts.createPost(request))).reason).to.equal("BAD_REQUEST");
    }
    const longest = await owner.write(questionId, { title: "가".repeat(100), body: "가".repeat(10_000) });
    expect(longest.body.length).to.equal(10_000);
  });
});
