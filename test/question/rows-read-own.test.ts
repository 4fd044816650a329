import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect } from "chai";
import { LibrarySort } from "#gen/questioncloud/question/v1/library_pb.ts";
import { QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import { createDatabase, type Database, type Tx } from "#kit/data/database.ts";
import type { Page } from "#kit/data/keyset.ts";
import { listAuthored } from "#services/question/db/authored.ts";
import { listLibrary } from "#services/question/db/library.ts";
import { listModerated } from "#services/question/db/moderated.ts";
import { findPromotions } from "#services/question/db/promotions.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { loadQuestions, loadWords, samples } from "../support/data/listings.ts";
import { costOf } from "../support/data/rows-read.ts";

const questions = 8_000;
const shown = 20;
const userId = 1n;

type Filter = MessageInitShape<typeof QuestionFilterSchema>;

// One user has bought all questions, and one creator has written all of them and deleted every other.
describe("a page of one's own among many questions", function () {
  this.timeout(120_000);
  let database: Database;

  before(async () => {
    const { QUESTION_DATABASE_URL: url = "" } = await componentEnvironment("question");
    database = createDatabase({ url, poolSize: 1 });
    await loadWords(database);
    await loadQuestions(database, 1, questions);
    await database.execute("INSERT INTO creator VALUES (1, 1, '출제자', '', 1, FALSE)");
    await database.transaction(async tx => {
      await tx.execute("SET foreign_key_checks = 0");
      await tx.execute(
        `UPDATE question SET creator_id = 1, state_time = publish_time,
          state = CASE question_id % 4 WHEN 0 THEN 'PUBLISHED' WHEN 1 THEN 'SUSPENDED' ELSE 'DELETED' END`,
      );
      await tx.execute(
        `INSERT INTO entitlement (user_id, question_id, version, purchase_id, creator_id, subject, category_id, type,
            level, price_points, state, own_time)
          SELECT 1, question_id, 1, UUID(), creator_id, subject, category_id, type, level, price_points, 'OWNED',
            publish_time FROM question`,
      );
      await tx.execute(
        `INSERT INTO promotion (question_id, title, sale_price_points, start_time, end_time)
          SELECT 4, 'sale', 100, NOW(6) - INTERVAL seq DAY, NOW(6) - INTERVAL seq DAY FROM seq_1_to_3000`,
      );
      await tx.execute("SET foreign_key_checks = 1");
    });
    await database.query("ANALYZE TABLE question, entitlement, promotion");
  });
  after(() => database?.close());

  /** Reads the first pages of a list; each reads no more than 50 rows for each row it was asked for. */
  async function readPages<Row>(
    read: (tx: Tx, after: readonly string[] | undefined) => Promise<Page<Row>>,
  ): Promise<Page<Row>[]> {
    const pages: Page<Row>[] = [];
    let after: readonly string[] | undefined;
    do {
      const cost = await costOf(database, async tx => void pages.push(await read(tx, after)));
      expect(cost).to.be.at.most(50 * shown);
      after = pages.at(-1)?.nextAfter;
    } while (after !== undefined && pages.length < 20);
    return pages;
  }
  const full = (pages: readonly Page<unknown>[]) => pages.filter(({ rows }) => rows.length === shown).length;

  it("reads no more than 50 rows for each it shows of a creator's questions, half of which are deleted", async () => {
    const pages = await readPages((tx, after) => listAuthored(tx, 1n, { after, limit: shown }));
    expect(full(pages)).to.equal(20);
  });

  it("reads no more than 50 rows for each it shows of suspended questions", async () => {
    const pages = await readPages((tx, after) => listModerated(tx, "SUSPENDED", { after, limit: shown }));
    expect(full(pages)).to.equal(20);
  });

  const library = (parts: Filter, sort: LibrarySort) => (tx: Tx, after: readonly string[] | undefined) =>
    listLibrary(tx, { userId, filter: create(QuestionFilterSchema, parts), sort }, { after, limit: shown });
  const filters: Readonly<Record<string, Filter>> = {
    "all questions": {},
    "a category": { categoryIds: [2n] },
    "a frequent word": { text: samples.common },
    "a level and prices": { levels: [2, 3], minPricePoints: 1000n },
  };
  for (const [what, filter] of Object.entries(filters)) {
    it(`reads no more than 50 rows for each it shows of a library with ${what}`, async () => {
      for (const [name, sort] of Object.entries(LibrarySort)) {
        expect(full(await readPages(library(filter, sort))), name).to.equal(20);
      }
    });
  }

  it("reads no more of a library for what it has little of, in pages that may be short", async () => {
    const pages = await readPages(library({ text: samples.rare, levels: [1] }, LibrarySort.UNSPECIFIED));
    expect(pages.at(-1)?.nextAfter === undefined || pages.length === 20).to.equal(true);
  });

  it("reads no more than 50 rows for each it shows of the promotions of a question", async () => {
    const cost = await costOf(database, async tx => {
      expect(await findPromotions(tx, 4n, 100)).to.have.length(100);
    });
    expect(cost).to.be.at.most(200);
  });
});
