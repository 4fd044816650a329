import { expect } from "chai";
import { createDatabase, type Database, type Tx } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";
import { listComments } from "#services/post/db/comments.ts";
import { listPosts } from "#services/post/db/posts.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { costOf } from "../support/data/rows-read.ts";

const posts = 50_000;
const pageRows = 20;
const rowsPerRowShown = 50;

describe("the lists of the post service", function () {
  this.timeout(60_000);
  let database: Database;

  before(async () => {
    const { POST_DATABASE_URL: url = "" } = await componentEnvironment("post");
    database = createDatabase({ url, poolSize: 1 });
    // Every fifth post is on the board of question 1, every other one is of creator 1.
    await database.execute(
      `INSERT INTO post (question_id, creator_id, writer_id, request_id, request_hash, title, body, files)
       SELECT IF(seq % 5 = 0, 1, seq), seq % 2, seq, LPAD(seq, 36, '0'), REPEAT('0', 32), 'title', 'body', '[]'
       FROM seq_1_to_${posts}`,
    );
    await database.execute(
      `INSERT INTO comment (post_id, writer_id, request_id, request_hash, body, written_by_creator)
       SELECT IF(seq % 5 = 0, 1, seq), seq, LPAD(seq, 36, '0'), REPEAT('0', 32), 'body', FALSE
       FROM seq_1_to_${posts}`,
    );
    await database.query("ANALYZE TABLE post, comment");
  });
  after(() => database?.close());

  const lists: Readonly<Record<string, (tx: Tx, page: PageCursor) => Promise<Page<object>>>> = {
    "the posts of a question": (tx, page) => listPosts(tx, "question", 1n, page),
    "the posts of a creator": (tx, page) => listPosts(tx, "creator", 1n, page),
    "the comments on a post": (tx, page) => listComments(tx, 1n, page),
  };
  for (const [what, read] of Object.entries(lists)) {
    it(`read at most ${rowsPerRowShown} rows per row shown: ${what}, first page and deep page`, async () => {
      for (const after of [undefined, [String(posts / 2)]]) {
        const cost = await costOf(database, async tx => {
          expect((await read(tx, { after, limit: pageRows })).rows.length).to.equal(pageRows);
        });
        expect(cost).to.be.at.most(rowsPerRowShown * pageRows);
      }
    });
  }
});
