import { expect } from "chai";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { StatementService } from "#gen/questioncloud/point/v1/statement_pb.ts";
import { protoServices } from "#kit/contract/contracts.ts";
import { present } from "../support/market/questions.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { createTokenUsers } from "../support/rpc/tokens.ts";
import { walkPages } from "../support/rpc/walk-pages.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { walksOfMoney } from "../support/walks/of-money.ts";
import { walksOfPosts } from "../support/walks/of-posts.ts";
import { walksOfReaders } from "../support/walks/of-readers.ts";
import { openWalkers, type Walkers, type Walks } from "../support/walks/walk.ts";

const walks: Walks = { ...walksOfMoney, ...walksOfPosts, ...walksOfReaders };

/** Walked below, and by the suites of the lists of questions and of reviews. */
const walkedOtherwise = [
  "AuthoringService.ListOwnQuestions",
  "LibraryService.ListOwnedQuestions",
  "ModerationService.ListModeratedQuestions",
  "ReviewService.ListReviews",
  "StatementService.ExportStatement",
  "StoreService.ListQuestions",
];

describe("a walk over all pages", () => {
  let walkers: Walkers;

  before(async () => {
    walkers = await openWalkers(await sharedStack());
  });
  after(() => walkers?.sql.end());

  it("is made over every list there is", () => {
    const lists = protoServices
      .flatMap(({ methods }) => methods)
      .filter(({ input }) => input.fields.some(({ name }) => name === "page_token"))
      .map(method => `${method.parent.name}.${method.name}`);
    expect([...Object.keys(walks), ...walkedOtherwise]).to.have.members(lists);
  });

  for (const [name, walk] of Object.entries(walks)) {
    it(`of ${name} neither repeats nor skips a row that stays, and refuses the tokens of other lists`, () =>
      walk(walkers));
  }

  describe("over thousands of rows", () => {
    let user: { userId: bigint; token: string };
    const month = "2026-01";

    const plant = (count: number, time: string) =>
      walkers.sql.query(
        `INSERT INTO point.ledger_entry (type, reference, account, counter_account, user_id, delta_points, create_time)
          SELECT 'ADJUSTMENT', UUID(), 'PAID', 'ADJUSTMENTS', ?, 1, ? FROM point.seq_1_to_${count}`,
        [user.userId, time],
      );

    before(async () => {
      user = present((await createTokenUsers(walkers.stack, 1))[0]);
      await plant(5_003, `${month}-10`);
    });
    // No wallet agrees with them.
    after(() => walkers.sql.query("DELETE FROM point.ledger_entry WHERE user_id = ?", [user.userId]));

    it("has 20 rows on a page unless asked, and 100 at most", async () => {
      const { listLedgerEntries } = createPublicClient(walkers.stack, PointService, user);
      const { getStatement } = createPublicClient(walkers.stack, StatementService, user);
      for (const [pageSize, length] of [
        [0, 20],
        [100, 100],
        [101, 100],
        [2_000_000_000, 100],
      ] as const) {
        expect((await listLedgerEntries({ pageSize })).entries).to.have.length(length);
        expect((await getStatement({ month, pageSize })).entries).to.have.length(length);
      }
    });

    it("of ExportStatement, which comes in parts of 5,000, has each entry once while others are added", async () => {
      const { exportStatement } = createPublicClient(walkers.stack, StatementService, user);
      const read = async ({ pageToken = "" }) => {
        const { content, nextPageToken } = await exportStatement({ month, pageToken });
        const lines = content.split("\r\n").filter(line => line.startsWith(month));
        return { ids: lines.map(line => line.split(",").at(-1)), nextPageToken };
      };
      const seen = await walkPages(read, 5_000, () => plant(1, `${month}-20`));
      expect([seen.length, new Set(seen).size]).to.deep.equal([5_004, 5_004]);
    });
  });
});
