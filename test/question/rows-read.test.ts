import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { QuestionFilterSchema, QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionSort } from "#gen/questioncloud/question/v1/store_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import type { Page } from "#kit/data/keyset.ts";
import { allOf, conditionsOf } from "#services/question/db/lists/condition.ts";
import { orderOf } from "#services/question/db/lists/listing-order.ts";
import { createListingSearch } from "#services/question/db/lists/listing-search.ts";
import { searchWordsOf } from "#services/question/domain/search-text.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { loadListings, loadWords, samples } from "../support/data/listings.ts";
import { costOf } from "../support/data/rows-read.ts";

type Filter = MessageInitShape<typeof QuestionFilterSchema>;

const questions = 16_000;
const shown = 20;
// Of a list that is walked.
const longest = 200;
// What shows a question reads six more.
const rowsPerShown = 44;

/** Filters whose pages are always full where there are questions enough. */
const filters: Readonly<Record<string, Filter>> = {
  "no filter": {},
  "one category": { categoryIds: [2n] },
  "a category with few questions": { categoryIds: [73n] },
  "ten categories": { categoryIds: [2n, 4n, 9n, 16n, 24n, 32n, 38n, 48n, 66n, 73n] },
  "a category that does not exist": { categoryIds: [999_999n] },
  "one level": { levels: [6] },
  "levels and a category": { levels: [3, 4], categoryIds: [2n] },
  "a subject": { subjects: [Subject.EARTH_SCIENCE] },
  "a rare type": { type: QuestionType.PAST },
  "prices of many": { minPricePoints: 500n, maxPricePoints: 3_000n },
  "a price of few": { minPricePoints: 9_900n, maxPricePoints: 9_900n },
  "a price that none has": { minPricePoints: 150n, maxPricePoints: 190n },
  "high prices": { minPricePoints: 100_000n },
  "a creator": { creatorId: 1n },
  "a creator and a level": { creatorId: 1n, levels: [2] },
  "a creator without questions": { creatorId: 999_999n },
  "a frequent word": { text: samples.common },
  "a frequent word and a rare one": { text: `${samples.common} ${samples.rare}` },
  "a rare word": { text: samples.rare },
  "a word that none has": { text: samples.absent },
  "a rare word in a category": { text: samples.rare, categoryIds: [2n, 3n] },
  "initial consonants": { text: "ㅅㄱㅎㅅ" },
};

/** Filters between rare and frequent: a page may be short, but never reads more. */
const wideFilters: Readonly<Record<string, Filter>> = {
  "a word of some": { text: samples.middling, levels: [6] },
  "a word and a price of some": { text: "로그", minPricePoints: 4_000n, maxPricePoints: 5_000n },
  "a rare level of a rare category": { levels: [6], categoryIds: [60n, 62n, 63n], type: QuestionType.PAST },
};

describe("a page of the store among many questions", function () {
  this.timeout(120_000);
  let database: Database;
  const kept = new Map<string, Promise<string>>();
  const keep = (key: string, find: () => Promise<string>) => {
    const found = kept.get(key) ?? find();
    kept.set(key, found);
    return found;
  };

  before(async () => {
    const { QUESTION_DATABASE_URL: url = "" } = await componentEnvironment("question");
    database = createDatabase({ url, poolSize: 1 });
    await loadWords(database);
    await loadListings(database, 1, questions);
    await database.query("ANALYZE TABLE listing");
  });
  after(() => database?.close());

  /** All that a filter lets through, in order, as a statement without any index would find it. */
  async function allOfList(filter: Filter, sort: QuestionSort) {
    const message = create(QuestionFilterSchema, filter);
    const { column, direction } = orderOf(sort);
    const narrow = allOf(conditionsOf(message, "l").values());
    const words = searchWordsOf(message.text);
    return database.query<{ id: bigint; key: string }>(
      `SELECT l.question_id AS id, CAST(l.${column} AS CHAR) AS \`key\` FROM listing l IGNORE INDEX (ix_listing_search)
        WHERE ${[narrow.sql, ...words.map(() => "l.search_text LIKE ?")].join(" AND ")}
        ORDER BY l.${column} ${direction}, l.question_id DESC`,
      [...narrow.values, ...words.map(({ part }) => `%${part}%`)],
    );
  }

  async function pageOf(filter: Filter, sort: QuestionSort, after: readonly string[] | undefined) {
    const query = { filter: create(QuestionFilterSchema, filter), sort };
    let page: Page<bigint> = { rows: [], nextAfter: undefined };
    const read = await costOf(database, async tx => {
      page = await createListingSearch(tx, keep).findPage(query, { after, limit: shown });
    });
    return { ...page, read };
  }

  const sorts = Object.entries(QuestionSort).filter(([name]) => name !== "UNSPECIFIED");
  for (const [what, filter] of Object.entries({ ...filters, ...wideFilters })) {
    it(`reads no more than 50 rows for each it shows, and the right ones, with ${what}`, async () => {
      for (const [name, sort] of sorts) {
        const all = await allOfList(filter, sort);
        const deep = Math.floor(all.length * 0.9);
        for (const start of new Set([0, deep])) {
          const last = all[start - 1];
          const after = start === 0 ? undefined : [last?.key ?? "", String(last?.id)];
          const isWide = what in wideFilters;
          if (isWide) {
            // What is read at once and kept serves the pages after that.
            await pageOf(filter, sort, after);
          }
          const { rows, nextAfter, read } = await pageOf(filter, sort, after);
          const at = `sorted by ${name}, from ${start} of ${all.length}`;
          const expected = all.slice(start, start + shown).map(({ id }) => id);
          expect(rows, at).to.deep.equal(isWide ? expected.slice(0, rows.length) : expected);
          expect(rows.length < expected.length && nextAfter === undefined, `${at}: lost`).to.equal(false);
          expect(read, at).to.be.at.most(rowsPerShown * shown);
        }
      }
    });
  }

  /** All pages of a list, each as its token leads to it. */
  async function walk(filter: Filter, sort: QuestionSort): Promise<bigint[]> {
    const seen: bigint[] = [];
    let after: readonly string[] | undefined;
    do {
      const page = await pageOf(filter, sort, after);
      seen.push(...page.rows);
      after = page.nextAfter;
    } while (after !== undefined && seen.length < longest);
    return seen;
  }

  it("walks through all pages of a list of which each call reads a part", async () => {
    for (const filter of Object.values(wideFilters)) {
      const all = await allOfList(filter, QuestionSort.POPULARITY);
      expect(await walk(filter, QuestionSort.POPULARITY)).to.deep.equal(all.map(({ id }) => id));
    }
  });

  it("shows the same as a scan, whatever filters are combined and however they are sorted", async () => {
    const some = <T>(values: readonly T[]) => fc.subarray([...values], { maxLength: 3 });
    const price = fc.constantFrom(0n, 100n, 400n, 1_000n, 2_500n, 9_000n, 400_000n);
    const filter = fc.record({
      subjects: some<Subject>([1, 2, 3, 4, 5]),
      categoryIds: some([2n, 3n, 9n, 33n, 60n, 73n]),
      levels: some([1, 2, 6]),
      type: fc.constantFrom<QuestionType[]>(0, 0, 1, 2),
      creatorId: fc.constantFrom(0n, 0n, 0n, 1n, 40n),
      text: fc.constantFrom(
        "",
        "",
        "함",
        "수열",
        "접선 함수",
        "ㅅㄱ",
        samples.rare,
        `${samples.common} 로그`,
      ),
      minPricePoints: price,
      maxPricePoints: price,
    });
    const sort = fc.constantFrom(...sorts.map(([, value]) => value));
    await fc.assert(
      fc.asyncProperty(filter, sort, async (parts, by) => {
        const all = (await allOfList(parts, by)).map(({ id }) => id);
        expect((await walk(parts, by)).slice(0, longest)).to.deep.equal(all.slice(0, longest));
      }),
      { numRuns: 200 },
    );
  });
});
