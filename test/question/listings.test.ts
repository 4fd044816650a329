import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { ListQuestionsRequestSchema } from "#gen/questioncloud/question/v1/store_pb.ts";
import { countSales } from "#kit/data/sold-table.ts";
import type { App } from "#services/question/app.ts";
import { soldQuestions } from "#services/question/db/sold.ts";
import { insertNextVersion } from "#services/question/db/versions.ts";
import { searchWordsOf } from "#services/question/domain/search-text.ts";
import { invariants, rebuildListings } from "#services/question/invariants.ts";
import { changeState } from "#services/question/publish-change.ts";
import { listQuestions } from "#services/question/rpc/list-questions.ts";
import type { StoreSearch } from "#services/question/store-search.ts";
import { componentEnvironment } from "../support/component/component.ts";
import {
  addCreator,
  addReadyDraft,
  callOf,
  openQuestionApp,
  questionContent,
} from "../support/component/question.ts";

const run = promisify(execFile);
const command = fileURLToPath(new URL("../../ops/rebuild-search.ts", import.meta.url));
const creatorId = 7n;

describe("what the store lists", () => {
  let app: App;
  let databaseUrl: string;
  const onSale: bigint[] = [];

  before(async () => {
    const env = await componentEnvironment("question");
    databaseUrl = env.QUESTION_DATABASE_URL ?? "";
    app = await openQuestionApp(env);
    await addCreator(app, creatorId);
    for (let count = 0; count < 3; count++) {
      const questionId = await addReadyDraft(app, creatorId);
      await app.database.transaction(tx =>
        changeState(app, tx, questionId, { from: ["DRAFT"], to: "PUBLISHED" }),
      );
      onSale.push(questionId);
    }
    await addReadyDraft(app, creatorId);
  });
  after(() => app?.close());

  const list = async (service = app, text = "") => {
    const request = create(ListQuestionsRequestSchema, { filter: { text } });
    const { questions = [] } = await listQuestions(service)(request, callOf(1n));
    return questions.map(question => question.questionId);
  };
  const violations = async () => {
    const found: string[] = [];
    for (const invariant of invariants) {
      for await (const violation of invariant.check(app.database, { graceSeconds: 0 })) {
        found.push(violation);
      }
    }
    return found;
  };

  it("follows what is on sale, what is sold and how it is rated", async () => {
    expect(await list()).to.deep.equal(onSale.toReversed());
    const sale = { saleId: crypto.randomUUID(), copies: new Map([[onSale[0] ?? 0n, 1]]) };
    await app.database.transaction(tx => countSales(tx, soldQuestions, [sale]));
    expect(await list()).to.deep.equal([onSale[0], onSale[2], onSale[1]]);
    expect(await violations()).to.deep.equal([]);
  });

  it("is compared with the questions, and rebuilt by a command", async () => {
    const [first = 0n, second = 0n, third = 0n] = onSale;
    await app.database.execute("DELETE FROM listing WHERE question_id = ?", [first]);
    await app.database.execute("UPDATE listing SET price_points = 1 WHERE question_id = ?", [second]);
    await app.database.execute("UPDATE listing SET search_text = '' WHERE question_id = ?", [third]);
    const expected = onSale.map(questionId => `question ${questionId} is not listed as it is`);
    expect(await violations()).to.deep.equal(expected);
    const env = { ...process.env, QUESTION_DATABASE_URL: databaseUrl };
    const { stdout, stderr } = await run(process.execPath, [command], { env });
    expect(stdout).to.equal("complete\n");
    expect(stderr).to.match(/^4 questions seen$/m);
    expect(await violations()).to.deep.equal([]);
    expect(await list(app, "로그")).to.have.members(onSale);
  });

  it("is rebuilt while questions change", async () => {
    const [, , third = 0n] = onSale;
    const rebuild = async () => {
      for await (const _ of rebuildListings(app.database)) {
        // Each page is a transaction.
      }
    };
    const flip = (from: "PUBLISHED" | "UNPUBLISHED", to: "PUBLISHED" | "UNPUBLISHED") =>
      app.database.transaction(tx => changeState(app, tx, third, { from: [from], to }));
    for (let count = 0; count < 5; count++) {
      await Promise.all([rebuild(), flip("PUBLISHED", "UNPUBLISHED"), rebuild()]);
      await Promise.all([rebuild(), flip("UNPUBLISHED", "PUBLISHED"), rebuild()]);
    }
    expect(await violations()).to.deep.equal([]);
  });

  it("is found by every word of the longest text that a search takes", async () => {
    // Each of these characters is a word of its own, in parentheses.
    const text =
      "㈎㈏㈐㈑㈒㈓㈔㈕㈖㈗㈘㈙㈚㈛㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩㈪㈫㈬㈭㈮㈯㈰㈱㈲㈳㈴㈵㈶㈷㈸㈹㈺㈻㈼㈽㈾㈿㉀㉁㉂㉃";
    const [first = 0n] = onSale;
    await app.database.transaction(async tx => {
      const content = { ...questionContent(), title: text };
      expect(await insertNextVersion(tx, { questionId: first, version: 2 }, { content, files: [] })).to.equal(
        true,
      );
      await app.search.put(tx, [first]);
    });
    expect(searchWordsOf(text)).to.have.length(50);
    expect(await list(app, text)).to.deep.equal([first]);
    expect(await list(app, `${text.slice(1)}㈜`)).to.deep.equal([]);
  });

  it("is not rebuilt by a wrong call", async () => {
    const failed = await run(process.execPath, [command, "everything"]).catch(error => error);
    expect(failed).to.include({ code: 2 });
    expect(failed.stderr).to.match(
      /^not understood: everything\nnpm run rebuild-search -- --help shows how\n$/,
    );
  });

  it("may be found by another search engine", async () => {
    const ids = [onSale[1] ?? 0n, 999_999n, onSale[0] ?? 0n];
    const search: StoreSearch = {
      findPage: async () => ({ rows: ids, nextAfter: undefined }),
      put: async () => {},
    };
    expect(await list({ ...app, search }), "without what is not on sale").to.deep.equal([
      onSale[1],
      onSale[0],
    ]);
  });
});
