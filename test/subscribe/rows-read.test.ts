import { expect } from "chai";
import { createDatabase, type Database, type Tx } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";
import { listSubscriptions } from "#services/subscribe/db/subscriptions.ts";
import { readFeed } from "#services/subscribe/read-feed.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { loadRows } from "../support/data/load-rows.ts";
import { costOf } from "../support/data/rows-read.ts";

const questions = 60_000;
const creators = 600;
const pageRows = 20;
const rowsPerRowShown = 50;

/** How many creators each reader subscribes to; the last one subscribes to one who published long ago. */
const readers = { one: 1n, thirty: 2n, "three hundred": 3n, "one who is silent": 4n } as const;

describe("the lists of the subscribe service", function () {
  this.timeout(60_000);
  let database: Database;

  before(async () => {
    const { SUBSCRIBE_DATABASE_URL: url = "" } = await componentEnvironment("subscribe");
    database = createDatabase({ url, poolSize: 1 });
    // All publish in turn, a hundred at the same time; every tenth question is off sale.
    await loadRows(database, questions, {
      table: "question",
      values: {
        question_id: "seq",
        creator_id: `IF(seq < ${questions / 20} AND seq % 5 = 0, ${creators}, 1 + seq % ${creators - 1})`,
        on_sale: "seq % 10 <> 0",
        publish_time: "'2026-01-01' + INTERVAL FLOOR(seq / 100) SECOND",
      },
    });
    const subscribe = (userId: bigint, creatorIds: string) =>
      database.execute(
        `INSERT INTO subscription (user_id, creator_id, change_time)
          SELECT ?, seq, '2026-01-01' FROM seq_${creatorIds}`,
        [userId],
      );
    await subscribe(readers.one, "1_to_1");
    await subscribe(readers.thirty, "1_to_30");
    await subscribe(readers["three hundred"], "1_to_300");
    await subscribe(readers["one who is silent"], `${creators}_to_${creators}`);
    await database.query("ANALYZE TABLE question, subscription");
  });
  after(() => database?.close());

  async function expectShort(read: (tx: Tx, page: PageCursor) => Promise<Page<object>>, after?: string[]) {
    const cost = await costOf(database, async tx => {
      expect((await read(tx, { after, limit: pageRows })).rows.length).to.equal(pageRows);
    });
    expect(cost).to.be.at.most(rowsPerRowShown * pageRows);
  }

  for (const [followed, userId] of Object.entries(readers)) {
    it(`read at most ${rowsPerRowShown} rows per row shown: the feed of who subscribes to ${followed}`, async () => {
      await expectShort((tx, page) => readFeed(tx, userId, page));
      // Two of three questions are newer; goes on within a tie.
      const time = new Date(Date.UTC(2026, 0, 1) + (questions / 3) * 10).toISOString();
      const deep = `${time.replace("T", " ").replace("Z", "000")}${"5".padStart(19, "0")}`;
      await expectShort((tx, page) => readFeed(tx, userId, page), [deep]);
    });
  }

  it(`read at most ${rowsPerRowShown} rows per row shown: the subscriptions of a user, all at once`, async () => {
    const userId = readers["three hundred"];
    await expectShort((tx, page) => listSubscriptions(tx, userId, page));
    await expectShort(
      (tx, page) => listSubscriptions(tx, userId, page),
      ["2026-01-01 00:00:00.000000", "150"],
    );
  });
});
