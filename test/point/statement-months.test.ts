import { expect } from "chai";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { post } from "#services/point/db/ledger.ts";
import { findBalanceAt, listStatement, type StatementEntry } from "#services/point/db/statements.ts";
import { boundsOfMonth } from "#services/point/domain/korean-time.ts";
import { type Balance, balanceFields } from "#services/point/domain/ledger.ts";
import { ledgerInvariant } from "#services/point/ledger-invariant.ts";
import { componentEnvironment } from "../support/component/component.ts";

const months = ["2026-07", "2026-08", "2026-09", "2026-10"];
const lastMs = boundsOfMonth("2026-10").end.getTime();
const firstMs = boundsOfMonth("2026-07").start.getTime();

const kinds = {
  give: { type: "ADJUSTMENT", from: "ADJUSTMENTS", to: "BONUS" },
  charge: { type: "CHARGE", from: "PSP_CLEARING", to: "PAID" },
  hold: { type: "HOLD", from: "PAID", to: "HELD" },
  spend: { type: "SPEND", from: "HELD", to: "SALES" },
} as const;

/** A few points in time, some exactly between two months, and what happens then. */
const histories = fc.array(
  fc.record({
    kind: fc.constantFrom("give", "charge", "charge", "hold", "spend"),
    amountPoints: fc.bigInt({ min: 1n, max: 3_000n }),
    atMs: fc.oneof(
      fc.constantFrom(...months.flatMap(month => [0, -1].map(ms => boundsOfMonth(month).end.getTime() + ms))),
      fc.integer({ min: firstMs - 86_400_000, max: lastMs + 86_400_000 }),
    ),
  }),
  { minLength: 1, maxLength: 15 },
);

type History = readonly { kind: keyof typeof kinds; amountPoints: bigint; atMs: number }[];

describe("the statements of a user", () => {
  let database: Database;
  let userId = 0n;

  before(async () => {
    const { POINT_DATABASE_URL: url = "" } = await componentEnvironment("point");
    database = createDatabase({ url, poolSize: 5 });
  });
  after(() => database?.close());

  it("continue one another: each closes where the next opens, and its entries add up to the difference", () =>
    continueOneAnother(history => history.toSorted((one, other) => one.atMs - other.atMs)));

  it("continue one another where the clock of the database jumps between months, and no change is refused", () =>
    continueOneAnother(history => history));

  async function continueOneAnother(inOrder: (history: History) => History): Promise<void> {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 4 }), async (history, limit) => {
        userId += 1n;
        for (const change of inOrder(history)) {
          await write(change);
        }
        let closing = await findBalanceAt(database, userId, new Date(firstMs));
        for (const month of months) {
          const { start, end } = boundsOfMonth(month);
          const opening = await findBalanceAt(database, userId, start);
          expect(opening).to.deep.equal(closing);
          closing = await findBalanceAt(database, userId, end);
          const entries = await readAll(month, limit);
          expect(entries.every(({ createTime }) => createTime >= start && createTime < end)).to.equal(true);
          expect(follow(opening, entries)).to.deep.equal(closing);
        }
        const [wallet] = await database.query<Balance>(
          "SELECT paid_points, bonus_points, held_points FROM wallet WHERE user_id = ?",
          [userId],
        );
        const nothing = { paidPoints: 0n, bonusPoints: 0n, heldPoints: 0n };
        const afterAll = boundsOfMonth("2099-01").start;
        expect(await findBalanceAt(database, userId, afterAll)).to.deep.equal(wallet ?? nothing);
        expect(await violations()).to.deep.equal([]);
      }),
      { numRuns: 20 },
    );
  }

  it("are proved by the invariants, however many changes happen at once", async () => {
    userId += 1n;
    const amounts = Array.from({ length: 30 }, (_, index) => BigInt(index + 1));
    await Promise.all(amounts.map(amountPoints => write({ kind: "charge", amountPoints })));
    expect(await violations()).to.deep.equal([]);
  });

  it("are right for a change that is late for its month: it is made in the next one, after what is there", async () => {
    userId += 1n;
    await write({ kind: "charge", amountPoints: 1_000n, atMs: lastMs + 5 });
    await write({ kind: "hold", amountPoints: 1_000n, atMs: lastMs - 1 });
    const { paidPoints } = await findBalanceAt(database, userId, new Date(lastMs));
    expect(paidPoints).to.equal(0n);
    const times = (await readAll("2026-11", 10)).map(({ createTime }) => createTime.getTime());
    expect(times).to.deep.equal([lastMs + 5, lastMs + 5, lastMs + 5]);
    expect(await violations()).to.deep.equal([]);
  });

  async function violations(): Promise<string[]> {
    const found: string[] = [];
    for await (const violation of ledgerInvariant.check(database, { graceSeconds: 0 })) {
      found.push(violation);
    }
    return found;
  }

  /** Makes a change, at a time if one is given; one for which there are too few points is left out. */
  async function write(change: { kind: keyof typeof kinds; amountPoints: bigint; atMs?: number }) {
    const { type, from, to } = kinds[change.kind];
    const reference = uuidv7();
    const transfers = [{ from, to, amountPoints: change.amountPoints }];
    await database
      .transaction(async tx => {
        await tx.execute("SET timestamp = ?", [(change.atMs ?? Date.now()) / 1000]);
        const isPosted = await post(tx, { type, reference, userId, transfers }).finally(() =>
          tx.execute("SET timestamp = DEFAULT"),
        );
        if (!isPosted) {
          throw new RangeError("too few points");
        }
      })
      .catch((error: unknown) => {
        if (!(error instanceof RangeError)) {
          throw error;
        }
      });
  }

  async function readAll(month: string, limit: number): Promise<StatementEntry[]> {
    const entries: StatementEntry[] = [];
    let after: readonly string[] | undefined;
    do {
      const page = await listStatement(database, userId, boundsOfMonth(month), { after, limit });
      entries.push(...page.rows);
      after = page.nextAfter;
    } while (after !== undefined);
    return entries;
  }

  /** Applies entries to a balance, and requires that each says what the user has after it. */
  function follow(opening: Balance, entries: readonly StatementEntry[]): Balance {
    const balance = { ...opening };
    for (const { account, deltaPoints, balancePoints } of entries) {
      balance[balanceFields[account]] += deltaPoints;
      expect(balancePoints).to.equal(balance[balanceFields[account]]);
    }
    return balance;
  }
});
