import { expect } from "chai";
import { type Board, openBoard } from "../support/market/boards.ts";
import { unknownUserId } from "../support/market/user-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("the edits of a post", () => {
  let board: Board;

  before(async () => {
    board = await openBoard(await sharedStack());
  });

  it("are listed for those who may use the board, latest first, until the post is deleted", async () => {
    const { owner, creator, outsider, questionId } = board;
    const { postId } = await owner.write(questionId, { title: "제목 1" });
    for (const version of [1, 2]) {
      const content = { title: `제목 ${version + 1}`, body: "본문" };
      await owner.posts.updatePost({ postId, version, content });
    }
    const { edits, nextPageToken } = await creator.posts.listPostEdits({ postId, pageSize: 1 });
    const rest = await creator.posts.listPostEdits({ postId, pageToken: nextPageToken });
    expect([...edits, ...rest.edits].map(({ version, title }) => [version, title])).to.deep.equal([
      [2, "제목 2"],
      [1, "제목 1"],
    ]);
    expect(edits[0]?.editTime).not.to.equal(undefined);
    const refused = {
      NO_BOARD_ACCESS: () => outsider.posts.listPostEdits({ postId }),
      INVALID_PAGE_TOKEN: () => creator.posts.listPostEdits({ postId, pageToken: `${nextPageToken}x` }),
      NOT_FOUND: () => creator.posts.listPostEdits({ postId: unknownUserId }),
    };
    for (const [reason, attempt] of Object.entries(refused)) {
      expect((await refusalOf(attempt())).reason).to.equal(reason);
    }
    await owner.posts.deletePost({ postId });
    expect((await refusalOf(creator.posts.listPostEdits({ postId }))).reason).to.equal("NOT_FOUND");
  });

  it("are forgotten beyond the last fifty", async () => {
    const { owner, questionId } = board;
    const { postId } = await owner.write(questionId);
    for (let version = 1; version <= 52; version++) {
      await owner.posts.updatePost({ postId, version, content: { title: `제목 ${version}`, body: "본문" } });
    }
    const { edits } = await owner.posts.listPostEdits({ postId, pageSize: 100 });
    expect([edits.length, edits[0]?.version, edits.at(-1)?.version]).to.deep.equal([50, 52, 3]);
  });
});
