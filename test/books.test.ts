import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import type { Connection } from "mariadb";
import { mongo } from "mongoose";
import { silentNarrator } from "../dev/demo/narrator.ts";
import { playStory } from "../dev/demo/story.ts";
import { connectAdmin } from "../dev/servers/mariadb-schemas.ts";
import type { Stack } from "../dev/stack.ts";
import { verifyBooks } from "../ops/verify-books.ts";
import { signUpAdmin } from "./support/people.ts";
import { settle } from "./support/settle.ts";
import { sharedStack } from "./support/stack.ts";

const command = fileURLToPath(new URL("../ops/verify-books.ts", import.meta.url));
const options = { graceSeconds: 0, gatewayDays: 2 };

// One damage for each thing that a rule looks at, and how to undo it. `?` is the newest row of its kind.
const damages: readonly { rule: string; what: string; newest: string; plant: string; repair: string }[] = [
  {
    rule: "I1",
    what: "a wallet that has a point too many",
    newest: "SELECT user_id FROM point.wallet ORDER BY create_time DESC LIMIT 1",
    plant: "UPDATE point.wallet SET paid_points = paid_points + 1 WHERE user_id = ?",
    repair: "UPDATE point.wallet SET paid_points = paid_points - 1 WHERE user_id = ?",
  },
  {
    rule: "I1",
    what: "a transfer with one side",
    newest: "SELECT MAX(entry_id) FROM point.ledger_entry WHERE user_id IS NULL",
    plant: "UPDATE point.ledger_entry SET delta_points = delta_points + 7 WHERE entry_id = ?",
    repair: "UPDATE point.ledger_entry SET delta_points = delta_points - 7 WHERE entry_id = ?",
  },
  {
    rule: "I2",
    what: "a question that was paid and is not owned",
    newest: "SELECT MAX(entitlement_id) FROM question.entitlement WHERE state = 'OWNED'",
    plant: "UPDATE question.entitlement SET state = 'RESERVED' WHERE entitlement_id = ?",
    repair: "UPDATE question.entitlement SET state = 'OWNED' WHERE entitlement_id = ?",
  },
  {
    rule: "I2",
    what: "points that are still held for a paid purchase",
    newest: "SELECT MAX(reservation_id) FROM point.reservation WHERE state = 'CONFIRMED'",
    plant: "UPDATE point.reservation SET state = 'RESERVED' WHERE reservation_id = ?",
    repair: "UPDATE point.reservation SET state = 'CONFIRMED' WHERE reservation_id = ?",
  },
  {
    rule: "I2",
    what: "a used coupon that is free again",
    newest: "SELECT MAX(user_coupon_id) FROM coupon.user_coupon WHERE state = 'USED'",
    plant: "UPDATE coupon.user_coupon SET state = 'HELD' WHERE user_coupon_id = ?",
    repair: "UPDATE coupon.user_coupon SET state = 'USED' WHERE user_coupon_id = ?",
  },
  {
    rule: "I3",
    what: "an event that was parked",
    newest: "SELECT MAX(outbox_id) FROM pay.outbox",
    plant: "UPDATE pay.outbox SET state = 'PARKED' WHERE outbox_id = ?",
    repair: "UPDATE pay.outbox SET state = 'PUBLISHED' WHERE outbox_id = ?",
  },
  {
    rule: "I3",
    what: "an event that one hearer missed",
    newest: "SELECT MAX(event_id) FROM creator.inbox",
    plant: "UPDATE creator.inbox SET consumer = CONCAT('not-', consumer) WHERE event_id = ?",
    repair: "UPDATE creator.inbox SET consumer = SUBSTRING(consumer, 5) WHERE event_id = ?",
  },
  {
    rule: "I4",
    what: "a coupon that counts a piece nobody has",
    newest: "SELECT MAX(coupon_id) FROM coupon.coupon WHERE issued_count < stock_count",
    plant: "UPDATE coupon.coupon SET issued_count = issued_count + 1 WHERE coupon_id = ?",
    repair: "UPDATE coupon.coupon SET issued_count = issued_count - 1 WHERE coupon_id = ?",
  },
  {
    rule: "I5",
    what: "a charge that was paid and not credited",
    newest: "SELECT MAX(charge_id) FROM point.charge WHERE state = 'CHARGED'",
    plant: "UPDATE point.charge SET state = 'FAILED' WHERE charge_id = ?",
    repair: "UPDATE point.charge SET state = 'CHARGED' WHERE charge_id = ?",
  },
  {
    rule: "I6",
    what: "a question that counts a sale too many",
    newest: "SELECT MAX(question_id) FROM question.question WHERE sales_count > 0",
    plant: "UPDATE question.question SET sales_count = sales_count + 1 WHERE question_id = ?",
    repair: "UPDATE question.question SET sales_count = sales_count - 1 WHERE question_id = ?",
  },
  {
    rule: "I8",
    what: "a charge without the time of its payment",
    newest: "SELECT MAX(charge_id) FROM point.charge WHERE state = 'CHARGED'",
    plant: "UPDATE point.charge SET receipt_url = charge_time, charge_time = NULL WHERE charge_id = ?",
    repair: "UPDATE point.charge SET charge_time = receipt_url, receipt_url = '' WHERE charge_id = ?",
  },
];

describe("the books", function () {
  this.timeout(120_000);
  let stack: Stack;
  let sql: Connection;

  before(async function () {
    stack = await sharedStack();
    const { gatewayUrl, mailUrl, pgUrl } = stack;
    if (gatewayUrl === undefined) {
      this.skip();
    }
    const admin = await signUpAdmin(stack);
    await playStory({ gatewayUrl, mailUrl, pgUrl, protocol: "connect", admin, narrator: silentNarrator });
    await settle(stack);
    sql = await connectAdmin(stack.mariadb.url);
  });
  after(() => sql?.end());

  async function brokenRules(): Promise<string[]> {
    const findings = await verifyBooks(stack.env, options);
    return findings.filter(({ damages: found }) => found.length > 0).map(({ name }) => name.slice(0, 2));
  }

  it("are right when nothing is wrong", async () => {
    expect(await brokenRules()).to.deep.equal([]);
  });

  for (const { rule, what, newest, plant, repair } of damages) {
    it(`show ${what}`, async () => {
      const [row] = await sql.query({ sql: newest, rowsAsArray: true });
      const { affectedRows } = await sql.query(plant, [row[0]]);
      expect(affectedRows, "damage was planted").to.equal(1);
      try {
        expect(await brokenRules()).to.include(rule);
      } finally {
        await sql.query(repair, [row[0]]);
      }
    });
  }

  it("show a history that says something else, lacks a purchase, or has one too many", async () => {
    const client = new mongo.MongoClient(stack.env.PAY_MONGODB_URI ?? "");
    const documents = client.db().collection<{ _id: string; quote: object }>("purchase_history");
    try {
      const [newest] = await documents.find().sort({ _id: -1 }).limit(1).toArray();
      if (newest === undefined) {
        throw new Error("the story left no history");
      }
      await documents.replaceOne({ _id: newest._id }, { ...newest, quote: {} });
      expect(await brokenRules()).to.deep.equal(["I7"]);
      await documents.deleteOne({ _id: newest._id });
      expect(await brokenRules()).to.deep.equal(["I7"]);
      await documents.insertOne({ ...newest, _id: "ffffffff-0000-7000-8000-000000000000" });
      await documents.insertOne(newest);
      expect(await brokenRules()).to.deep.equal(["I7"]);
      await documents.deleteOne({ _id: "ffffffff-0000-7000-8000-000000000000" });
    } finally {
      await client.close();
    }
  });

  it("are right again when the damage is mended, and the command says so", async () => {
    expect(await brokenRules()).to.deep.equal([]);
    const env = { ...process.env, ...stack.env };
    const { stdout } = await promisify(execFile)(process.execPath, [command, "--grace-seconds", "0"], {
      env,
    });
    expect(stdout.match(/^ok /gm)).to.have.length(8);
    await sql.query(
      "UPDATE coupon.coupon SET issued_count = issued_count + 1 ORDER BY coupon_id DESC LIMIT 1",
    );
    const failed = await promisify(execFile)(process.execPath, [command, "--grace-seconds", "0"], {
      env,
    }).catch(error => error);
    await sql.query(
      "UPDATE coupon.coupon SET issued_count = issued_count - 1 ORDER BY coupon_id DESC LIMIT 1",
    );
    expect(failed).to.include({ code: 1 });
    expect(failed.stdout).to.match(/^DAMAGE I4/m);
  });
});
