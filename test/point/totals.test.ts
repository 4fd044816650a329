import { expect } from "chai";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { post } from "#services/point/db/ledger.ts";
import { readOutstanding } from "#services/point/db/totals.ts";
import type { Transfer, TransferType } from "#services/point/domain/ledger.ts";
import { ledgerInvariant } from "#services/point/ledger-invariant.ts";
import { componentEnvironment } from "../support/component/component.ts";

/** Transfers as the service makes them. */
const kinds: Readonly<Record<string, { type: TransferType; from: Transfer["from"]; to: Transfer["to"] }>> = {
  charge: { type: "CHARGE", from: "PSP_CLEARING", to: "PAID" },
  give: { type: "ADJUSTMENT", from: "ADJUSTMENTS", to: "BONUS" },
  take: { type: "ADJUSTMENT", from: "PAID", to: "ADJUSTMENTS" },
  hold: { type: "HOLD", from: "BONUS", to: "HELD" },
  spend: { type: "SPEND", from: "HELD", to: "SALES" },
};

const posting = fc.record({
  kind: fc.constantFrom(...Object.keys(kinds)),
  userId: fc.bigInt({ min: 1n, max: 40n }),
  amountPoints: fc.bigInt({ min: 1n, max: 5_000n }),
});

describe("the totals of points", () => {
  let database: Database;

  before(async () => {
    const { POINT_DATABASE_URL: url = "" } = await componentEnvironment("point");
    database = createDatabase({ url, poolSize: 10 });
  });
  after(() => database?.close());

  async function violations(): Promise<string[]> {
    const found: string[] = [];
    for await (const violation of ledgerInvariant.check(database, { graceSeconds: 0 })) {
      found.push(violation);
    }
    return found;
  }
  const write = ({ kind, userId, amountPoints }: { kind: string; userId: bigint; amountPoints: bigint }) => {
    const { type, from, to } = kinds[kind] ?? expect.fail(kind);
    return database.transaction(async tx => {
      const transfers = [{ from, to, amountPoints }];
      if (!(await post(tx, { type, reference: uuidv7(), userId, transfers }))) {
        throw new Error("not enough points");
      }
    });
  };

  it("equal wallets and ledger after any transfers, however many run at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(posting, { minLength: 5, maxLength: 40 }), async postings => {
        const outcomes = await Promise.allSettled(postings.map(write));
        for (const outcome of outcomes) {
          expect(outcome.status === "rejected" ? outcome.reason.message : "").to.be.oneOf([
            "",
            "not enough points",
          ]);
        }
        expect(await violations()).to.deep.equal([]);
      }),
      { numRuns: 15 },
    );
    const [wallets] = await database.query<{ paid: bigint }>(
      "SELECT CAST(SUM(paid_points) AS SIGNED) AS paid FROM wallet",
    );
    expect((await readOutstanding(database))?.paidPoints).to.equal(wallets?.paid);
  });

  it("are checked by the invariants", async () => {
    for (const [table, column] of [
      ["outstanding_points", "held_points"],
      ["issued_points", "points"],
    ]) {
      await database.execute(`UPDATE ${table} SET ${column} = ${column} + 1 LIMIT 1`);
      expect(await violations(), table).to.have.length(1);
      await database.execute(`UPDATE ${table} SET ${column} = ${column} - 1 LIMIT 1`);
    }
    expect(await violations()).to.deep.equal([]);
  });
});
