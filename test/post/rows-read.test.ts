import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { createDatabase, type Database, type Tx } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";
import { listComments, listCommentsBy } from "#services/post/db/comments.ts";
import {
  countUnread,
  listNotifications,
  markReadThrough,
  removeNotifications,
  removeOldNotifications,
} from "#services/post/db/notifications.ts";
import { listPosts, listPostsBy } from "#services/post/db/posts.ts";
import { userWithdrawn } from "#services/post/subscribers/user-withdrawn.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { costOf } from "../support/data/rows-read.ts";

const posts = 50_000;
const pageRows = 20;
const rowsPerRowShown = 50;

interface List {
  readonly read: (tx: Tx, page: PageCursor) => Promise<Page<object>>;
  /** The keys of the row before a deep page. */
  readonly deep: readonly string[];
}

describe("the lists of the post service", function () {
  this.timeout(60_000);
  let database: Database;

  before(async () => {
    const { POST_DATABASE_URL: url = "" } = await componentEnvironment("post");
    database = createDatabase({ url, poolSize: 1 });
    // Every fifth post is on the board of question 1, every other one is of creator 1, every third by user 2.
    await database.execute(
      `INSERT INTO post (question_id, creator_id, writer_id, request_id, request_hash, title, body, files)
       SELECT IF(seq % 5 = 0, 1, seq), seq % 2, IF(seq % 3 = 0, 2, seq), LPAD(seq, 36, '0'), REPEAT('0', 32), 'title',
         'body', '[]'
       FROM seq_1_to_${posts}`,
    );
    await database.execute(
      `INSERT INTO comment (post_id, writer_id, request_id, request_hash, body, written_by_creator)
       SELECT IF(seq % 5 = 0, 1, seq), IF(seq % 3 = 0, 2, seq), LPAD(seq, 36, '0'), REPEAT('0', 32), 'body', FALSE
       FROM seq_1_to_${posts}`,
    );
    // Half of the notifications are of user 1, who has read none of them.
    await database.execute(
      `INSERT INTO notification (user_id, kind, subject_id, question_id, post_id)
       SELECT IF(seq % 2 = 0, 1, seq), 'NEW_POST', post_id, question_id, post_id
       FROM post JOIN seq_1_to_${posts} ON seq = CAST(request_id AS UNSIGNED)`,
    );
    await database.query("ANALYZE TABLE post, comment, notification");
  });
  after(() => database?.close());

  const middle = String(posts / 2);
  const lists: Readonly<Record<string, List>> = {
    "the posts of a question": {
      read: (tx, page) => listPosts(tx, "question", 1n, page),
      // Not pinned, and in the middle.
      deep: ["0", middle],
    },
    "the posts of a creator": { read: (tx, page) => listPosts(tx, "creator", 1n, page), deep: [middle] },
    "the comments on a post": { read: (tx, page) => listComments(tx, 1n, page), deep: [middle] },
    "the notifications of a user": { read: (tx, page) => listNotifications(tx, 1n, page), deep: [middle] },
    "the posts of a user": { read: (tx, page) => listPostsBy(tx, 2n, page), deep: [middle] },
    "the comments of a user": { read: (tx, page) => listCommentsBy(tx, 2n, page), deep: [middle] },
  };
  for (const [what, { read, deep }] of Object.entries(lists)) {
    it(`read at most ${rowsPerRowShown} rows per row shown: ${what}, first page and deep page`, async () => {
      for (const after of [undefined, deep]) {
        const cost = await costOf(database, async tx => {
          expect((await read(tx, { after, limit: pageRows })).rows.length).to.equal(pageRows);
        });
        expect(cost).to.be.at.most(rowsPerRowShown * pageRows);
      }
    });
  }

  it("count unread notifications up to a hundred, and mark them in bounded steps", async () => {
    expect(await costOf(database, tx => countUnread(tx, 1n, 100))).to.be.at.most(110);
    const marked = await costOf(database, async tx => {
      expect(await markReadThrough(tx, 1n, BigInt(posts), 100)).to.equal(100);
    });
    expect(marked).to.be.at.most(500);
  });

  it("are cleaned by age without a walk over what is kept", async () => {
    const cost = await costOf(database, async tx => {
      expect(await removeOldNotifications(tx, 90, 1000)).to.equal(0);
    });
    expect(cost).to.be.at.most(10);
  });

  it("erase the very many notifications of a user who withdrew in bounded steps, after the event", async () => {
    const event = create(UserWithdrawnSchema, { userId: 1n });
    await database.transaction(tx => userWithdrawn(tx, event, ""));
    const erased = await costOf(database, async tx => {
      expect(await removeNotifications(tx, 1n, 100)).to.equal(100);
    });
    expect(erased).to.be.at.most(500);
  });
});
