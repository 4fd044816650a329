import { expect } from "chai";
import { createDatabase, type Database, type Tx } from "#kit/data/database.ts";
import { countOpen, listOpenCharges, sumConfirming } from "#services/point/db/charges.ts";
import { findDayFacts, listApproved } from "#services/point/db/compared-days.ts";
import { listEntries } from "#services/point/db/ledger.ts";
import { readMeasures } from "#services/point/db/measures.ts";
import { findBalanceAt, listStatement } from "#services/point/db/statements.ts";
import { boundsOfMonth, koreanMonthOf } from "#services/point/domain/korean-time.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { costOf } from "../support/data/rows-read.ts";

const wallets = 100_000;
const charges = 300_000;
const entries = 100_000;
const secondsApart = 100;
const page = { after: undefined, limit: 200 };

// What is done every minute, or for one charge, must cost the same after years as on the first day.
describe("what the point service reads regularly", function () {
  this.timeout(120_000);
  let database: Database;

  before(async () => {
    const { POINT_DATABASE_URL: url = "" } = await componentEnvironment("point");
    database = createDatabase({ url, poolSize: 1 });
    await database.execute(
      `INSERT INTO wallet (user_id, paid_points) SELECT seq, 1000 FROM seq_1_to_${wallets}`,
    );
    // A charge every 100 seconds for almost a year; half of them are of one user.
    await database.execute(
      `INSERT INTO charge (charge_id, user_id, request_id, provider, package, amount_points, state, create_time,
         expire_time, approve_time, charge_time)
       SELECT LPAD(seq, 36, '0'), IF(seq % 2 = 0, 1, seq), LPAD(seq, 36, '0'), 'toss', 'A', 1000,
         IF(seq % 3 = 0, 'EXPIRED', 'CHARGED'), NOW(6) - INTERVAL seq * ${secondsApart} SECOND, NOW(6),
         NOW(6) - INTERVAL seq * ${secondsApart} SECOND, NOW(6) - INTERVAL seq * ${secondsApart} SECOND
       FROM seq_1_to_${charges}`,
    );
    await database.execute(
      `INSERT INTO issued_points (day, source, points)
       SELECT CURRENT_DATE - INTERVAL seq DAY, 'PAID', 1000 FROM seq_1_to_1500`,
    );
    await database.execute(
      `INSERT INTO compared_day (provider, day, finish_time)
       SELECT 'toss', CURRENT_DATE - INTERVAL seq DAY, NOW(6) FROM seq_2_to_1500`,
    );
    // Half of the ledger is of one user, an entry every 100 seconds.
    await database.execute(
      `INSERT INTO ledger_entry (type, reference, account, counter_account, user_id, delta_points, create_time)
       SELECT 'CHARGE', LPAD(seq, 36, '0'), 'PAID', 'PSP_CLEARING', IF(seq % 2 = 0, 1, seq), 1,
         NOW(6) - INTERVAL (${entries} - seq) * ${secondsApart} SECOND
       FROM seq_1_to_${entries}`,
    );
    await database.query("ANALYZE TABLE wallet, charge, issued_points, compared_day, ledger_entry");
  });
  after(() => database?.close());

  const middleEntry = new Date(Date.now() - (entries / 2) * secondsApart * 1000);
  const middle = new Date(Date.now() - (charges / 2) * secondsApart * 1000);
  const day = { provider: "toss", start: middle, end: new Date(middle.getTime() + 86_400_000) };
  const reads: Readonly<Record<string, (tx: Tx) => Promise<unknown>>> = {
    "the measures": readMeasures,
    "the days that are due": tx => findDayFacts(tx, "toss"),
    "a day's credits": async tx => {
      const first = await listApproved(tx, day, page);
      expect(first.rows.length).to.equal(200);
      const second = await listApproved(tx, day, { after: first.nextAfter, limit: 200 });
      expect(second.rows.length).to.equal(200);
    },
    "a part of a month's statement": async tx => {
      const month = boundsOfMonth(koreanMonthOf(Date.now() - 30 * 86_400_000));
      const first = await listStatement(tx, 1n, month, page);
      expect(first.rows.length).to.equal(200);
      const second = await listStatement(tx, 1n, month, { after: first.nextAfter, limit: 200 });
      expect(second.rows.length).to.equal(200);
    },
    "the balance of a user when a month began": tx => findBalanceAt(tx, 1n, middleEntry),
    "the latest entries of a user": tx => listEntries(tx, 1n, page),
    "the open charges of all users": tx => listOpenCharges(tx, page),
    "the open charges of a user": tx => countOpen(tx, 1n),
    "the room in a wallet": tx => sumConfirming(tx, 1n),
  };
  for (const [what, read] of Object.entries(reads)) {
    it(`is short for ${what}, however many charges there were`, async () => {
      expect(await costOf(database, read)).to.be.lessThan(1_500);
    });
  }

  it("shows the points of a year and no more", async () => {
    expect(Number((await readMeasures(database))?.chargedPoints)).to.be.within(364_000, 366_000);
  });
});
