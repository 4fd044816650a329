import { expect } from "chai";
import { type Board, type Member, openBoard } from "../support/market/boards.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { expectPageRules, walkPages } from "../support/rpc/walk-pages.ts";
import { sharedStack } from "../support/stack/stack.ts";

/** A list as its caller walks it: a page from a token, and the ids on it. */
type ReadPage = (pageToken: string) => Promise<{ ids: bigint[]; nextPageToken: string }>;

/** The same, by a request for a page. */
type ReadPosts = (request: { pageSize?: number; pageToken?: string }) => ReturnType<ReadPage>;

describe("lists of posts and comments", () => {
  let board: Board;
  let creator: Member;
  let owner: Member;
  let questionId: bigint;

  before(async () => {
    board = await openBoard(await sharedStack());
    ({ creator, owner, questionId } = board);
  });

  const posts: ReadPage = async pageToken => {
    const answer = await owner.posts.listPosts({ questionId, pageSize: 3, pageToken });
    return { ...answer, ids: answer.posts.map(({ postId }) => postId) };
  };
  const creatorPosts: ReadPage = async pageToken => {
    const answer = await creator.posts.listCreatorPosts({ pageSize: 3, pageToken });
    return { ...answer, ids: answer.posts.map(({ postId }) => postId) };
  };

  /** Walks a list to its end; `change` runs after each page. */
  async function walk(read: ReadPage, change: (seen: readonly bigint[]) => Promise<void>): Promise<bigint[]> {
    const seen: bigint[] = [];
    let token = "";
    do {
      const { ids, nextPageToken } = await read(token);
      seen.push(...ids);
      await change(seen);
      token = nextPageToken;
    } while (token !== "");
    return seen;
  }

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

  for (const [what, read] of [
    ["posts of a question", posts],
    ["posts of a creator", creatorPosts],
  ] as const) {
    it(`neither repeat nor skip ${what} that stayed while others are written and deleted`, async () => {
      for (let n = 0; n < 8; n++) {
        await owner.write(questionId);
      }
      const before = await walk(read, async () => {});
      const deleted: bigint[] = [];
      const seen = await walk(read, async found => {
        await owner.write(questionId);
        // One that was shown, and the next one that was not yet.
        const next = before[found.length + 1];
        for (const postId of [found.at(-1), next]) {
          if (postId !== undefined && !deleted.includes(postId)) {
            await owner.posts.deletePost({ postId }).then(
              () => deleted.push(postId),
              () => {},
            );
          }
        }
      });
      expect(new Set(seen).size).to.equal(seen.length);
      const stayed = before.filter(postId => !deleted.includes(postId));
      expect(seen).to.include.members(stayed);
      expect(deleted).not.to.deep.equal([]);
    });
  }

  it("neither repeat nor skip comments that stayed while others are written and deleted", async () => {
    const { postId } = await owner.write(questionId);
    const written: bigint[] = [];
    for (let n = 0; n < 10; n++) {
      written.push((await owner.comment(postId, `댓글 ${n}`)).commentId);
    }
    const seen = await walk(
      async pageToken => {
        const answer = await creator.comments.listComments({ postId, pageSize: 3, pageToken });
        return { ...answer, ids: answer.comments.map(({ commentId }) => commentId) };
      },
      async found => {
        if (found.length === 3) {
          await owner.comments.deleteComment({ commentId: written[1] ?? 0n });
          await owner.comments.deleteComment({ commentId: written[3] ?? 0n });
          written.push((await creator.comment(postId)).commentId);
        }
      },
    );
    expect(seen).to.deep.equal(written.filter((_, index) => index !== 3));
  });

  it("show users what they wrote themselves, on every board, page by page", async () => {
    const secondId = await board.market.publishQuestion({ title: "셋째 문제" });
    const member = await board.createOwner([questionId, secondId]);
    const ownPosts: ReadPosts = async request => {
      const page = await member.posts.listOwnPosts(request);
      return { ...page, ids: page.posts.map(({ postId }) => postId) };
    };
    const ownComments: ReadPosts = async request => {
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

  it("have pages of 20, or of 100 at most, and refuse tokens of other lists", async () => {
    const { postId } = await owner.write(questionId);
    const { nextPageToken } = await posts("");
    expect(nextPageToken).not.to.equal("");
    const attempts = [
      () => owner.posts.listPosts({ questionId, pageToken: `${nextPageToken}x` }),
      () => creator.posts.listCreatorPosts({ pageToken: nextPageToken }),
      () => owner.comments.listComments({ postId, pageToken: nextPageToken }),
    ];
    for (const attempt of attempts) {
      expect((await refusalOf(attempt())).reason).to.equal("INVALID_PAGE_TOKEN");
    }
    const negative = owner.posts.listPosts({ questionId, pageSize: -1 });
    expect((await refusalOf(negative)).reason).to.equal("BAD_REQUEST");
  });
});
