import { expect } from "chai";
import { type Board, type Member, openBoard } from "../support/market/boards.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { expectPageRules, type ReadList, walkPages } from "../support/rpc/walk-pages.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("lists of posts and comments", () => {
  let board: Board;
  let creator: Member;
  let owner: Member;
  let questionId: bigint;

  before(async () => {
    board = await openBoard(await sharedStack());
    ({ creator, owner, questionId } = board);
  });

  it("show a creator the posts on all own questions, newest first, with the question, and on no other's", async () => {
    const other = await openBoard(board.market.stack);
    await other.owner.write(other.questionId);
    const secondId = await board.market.publishQuestion({ title: "둘째 문제" });
    const buyer = await board.createOwner([questionId, secondId]);
    const written = [
      await buyer.write(secondId, { title: "하나" }),
      await owner.write(questionId, { title: "둘" }),
      await creator.write(secondId, { title: "셋" }),
    ];
    const { posts: shown } = await creator.posts.listCreatorPosts({});
    expect(shown.slice(0, 3).map(each => [each.title, each.questionId, each.questionTitle])).to.deep.equal([
      ["셋", secondId, "둘째 문제"],
      ["둘", questionId, "지수와 로그 12번"],
      ["하나", secondId, "둘째 문제"],
    ]);
    expect(shown.length).to.equal(written.length);
    expect(shown[1]?.writer?.name).to.equal("구매자");
    await board.market.creator.authoring.deleteQuestion({ questionId: secondId });
    expect((await creator.posts.listCreatorPosts({})).posts.length).to.equal(3);
    const refused = await refusalOf(owner.posts.listCreatorPosts({}));
    expect(refused).to.include({ reason: "NOT_CREATOR", code: "PermissionDenied" });
  });

  it("neither repeat nor skip comments that stayed while others are written and deleted", async () => {
    const { postId } = await owner.write(questionId);
    const written: bigint[] = [];
    for (let n = 0; n < 10; n++) {
      written.push((await owner.comment(postId, `댓글 ${n}`)).commentId);
    }
    const read: ReadList = async request => {
      const answer = await creator.comments.listComments({ ...request, postId });
      return { ...answer, ids: answer.comments.map(({ commentId }) => commentId) };
    };
    let pages = 0;
    const seen = await walkPages(read, 3, async () => {
      if (pages++ === 0) {
        await owner.comments.deleteComment({ commentId: written[1] ?? 0n });
        await owner.comments.deleteComment({ commentId: written[3] ?? 0n });
        written.push((await creator.comment(postId)).commentId);
      }
    });
    expect(seen).to.deep.equal(written.filter((_, index) => index !== 3));
  });

  it("show users what they wrote themselves, on every board, page by page", async () => {
    const secondId = await board.market.publishQuestion({ title: "셋째 문제" });
    const member = await board.createOwner([questionId, secondId]);
    const ownPosts: ReadList = async request => {
      const page = await member.posts.listOwnPosts(request);
      return { ...page, ids: page.posts.map(({ postId }) => postId) };
    };
    const ownComments: ReadList = async request => {
      const page = await member.comments.listOwnComments(request);
      return { ...page, ids: page.comments.map(({ commentId }) => commentId) };
    };
    const written = [await member.write(questionId), await member.write(secondId, { title: "하나" })];
    const { postId } = await owner.write(questionId);
    const said = [await member.comment(postId), await member.comment(written[1]?.postId ?? 0n, "덧붙임")];
    expect(await walkPages(ownPosts, 1)).to.deep.equal(written.map(each => each.postId).reverse());
    expect(await walkPages(ownComments, 1)).to.deep.equal(said.map(each => each.commentId).reverse());
    const { posts: shown } = await member.posts.listOwnPosts({});
    const text = { title: "하나", questionTitle: "셋째 문제", writtenByCaller: true };
    expect(shown[0]).to.deep.include(text);
    const { comments } = await member.comments.listOwnComments({});
    expect(comments[0]).to.deep.include({ body: "덧붙임", postId: written[1]?.postId });
    await expectPageRules(ownPosts, [ownComments]);
    await expectPageRules(ownComments, [ownPosts]);
  });
});
