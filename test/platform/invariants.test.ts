import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import type { Connection } from "mariadb";
import { mongo } from "mongoose";
import { silentNarrator } from "#dev/demo/narrator.ts";
import { playStory } from "#dev/demo/story.ts";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { type Finding, verifyInvariants } from "#ops/verify-invariants.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";

const command = fileURLToPath(new URL("../../ops/verify-invariants.ts", import.meta.url));
const options = { graceSeconds: 0, pspDays: 2 };

/** A violation of one invariant, and how to undo it. `?` is what the first statement finds. */
interface Planted {
  readonly invariant: string;
  readonly what: string;
  readonly find: string;
  readonly plant: string;
  readonly repair: string;
}

const newestCharge = "SELECT MAX(charge_id) FROM point.charge WHERE state = 'CHARGED'";
const newestPurchase = "SELECT MAX(purchase_id) FROM pay.purchase WHERE state = 'PAID'";

function update(
  invariant: string,
  what: string,
  find: string,
  table: string,
  id: string,
  [plant, repair]: readonly [string, string],
): Planted {
  const statement = (set: string) => `UPDATE ${table} SET ${set} WHERE ${id} = ?`;
  return { invariant, what, find, plant: statement(plant), repair: statement(repair) };
}

const planted: readonly Planted[] = [
  update(
    "I1 ledger and wallets",
    "a wallet that has a point too many",
    "SELECT user_id FROM point.wallet ORDER BY create_time DESC LIMIT 1",
    "point.wallet",
    "user_id",
    ["paid_points = paid_points + 1", "paid_points = paid_points - 1"],
  ),
  update(
    "I1 ledger and wallets",
    "a transfer with one side",
    "SELECT MAX(entry_id) FROM point.ledger_entry WHERE user_id IS NULL",
    "point.ledger_entry",
    "entry_id",
    ["delta_points = delta_points + 7", "delta_points = delta_points - 7"],
  ),
  update(
    "I2 purchases and what they moved",
    "a question that was paid and is not owned",
    "SELECT MAX(entitlement_id) FROM question.entitlement WHERE state = 'OWNED'",
    "question.entitlement",
    "entitlement_id",
    ["state = 'RESERVED'", "state = 'OWNED'"],
  ),
  update(
    "I2 purchases and what they moved",
    "points that are still held for a paid purchase",
    "SELECT MAX(reservation_id) FROM point.reservation WHERE state = 'CONFIRMED'",
    "point.reservation",
    "reservation_id",
    ["state = 'RESERVED'", "state = 'CONFIRMED'"],
  ),
  update(
    "I2 purchases and what they moved",
    "a used coupon that is held again",
    "SELECT MAX(user_coupon_id) FROM coupon.user_coupon WHERE state = 'USED'",
    "coupon.user_coupon",
    "user_coupon_id",
    ["state = 'HELD'", "state = 'USED'"],
  ),
  {
    invariant: "I2 purchases and what they moved",
    what: "points that are held for no purchase",
    find: "SELECT UUID()",
    plant:
      "INSERT INTO point.reservation (reservation_id, user_id, state, content) VALUES (?, 1, 'RESERVED', '1')",
    repair: "DELETE FROM point.reservation WHERE reservation_id = ?",
  },
  update(
    "I2 purchases come to an end",
    "a purchase that stays pending",
    newestPurchase,
    "pay.purchase",
    "purchase_id",
    ["state = 'PENDING'", "state = 'PAID'"],
  ),
  update(
    "I3 events and their subscribers",
    "an event that was parked",
    "SELECT MAX(outbox_id) FROM pay.outbox",
    "pay.outbox",
    "outbox_id",
    ["state = 'PARKED'", "state = 'PUBLISHED'"],
  ),
  update(
    "I3 events and their subscribers",
    "an event that one subscriber missed",
    "SELECT MAX(event_id) FROM creator.inbox",
    "creator.inbox",
    "event_id",
    ["consumer = CONCAT('not-', consumer)", "consumer = SUBSTRING(consumer, 5)"],
  ),
  update(
    "I4 coupons and their stock",
    "a coupon that counts a user coupon that does not exist",
    "SELECT MAX(coupon_id) FROM coupon.coupon WHERE issued_count < stock_count",
    "coupon.coupon",
    "coupon_id",
    ["issued_count = issued_count + 1", "issued_count = issued_count - 1"],
  ),
  update(
    "I5 charges and their credits",
    "a charge that was credited and not paid",
    newestCharge,
    "point.charge",
    "charge_id",
    ["state = 'FAILED'", "state = 'CHARGED'"],
  ),
  update(
    "I5 charges and the PSP",
    "a charge of another amount than the PSP captured",
    newestCharge,
    "point.charge",
    "charge_id",
    ["amount_points = amount_points + 1", "amount_points = amount_points - 1"],
  ),
  update(
    "I6 sales counters",
    "a question that counts a sale too many",
    "SELECT MAX(question_id) FROM question.question WHERE sales_count > 0",
    "question.question",
    "question_id",
    ["sales_count = sales_count + 1", "sales_count = sales_count - 1"],
  ),
  update(
    "I7 creators as question knows them",
    "a creator whom question knows by another name",
    "SELECT MAX(creator_id) FROM question.creator",
    "question.creator",
    "creator_id",
    ["name = CONCAT('*', name)", "name = SUBSTRING(name, 2)"],
  ),
  update(
    "I8 states of charge",
    "a charge without the time of its payment",
    newestCharge,
    "point.charge",
    "charge_id",
    ["receipt_url = charge_time, charge_time = NULL", "charge_time = receipt_url, receipt_url = ''"],
  ),
  update(
    "I8 states of purchase",
    "a purchase that was paid and canceled",
    newestPurchase,
    "pay.purchase",
    "purchase_id",
    ["cancel_reason = 'NOT_FOUND'", "cancel_reason = NULL"],
  ),
  update(
    "I8 versions of questions",
    "a question whose version does not exist",
    "SELECT MAX(question_id) FROM question.question",
    "question.question",
    "question_id",
    ["version = version + 1", "version = version - 1"],
  ),
  update(
    "I10 tasks of purchase",
    "a purchase that waits without a task",
    newestPurchase,
    "pay.purchase",
    "purchase_id",
    ["state = 'PENDING'", "state = 'PAID'"],
  ),
  update(
    "I10 tasks of charge",
    "a charge that waits without a task",
    newestCharge,
    "point.charge",
    "charge_id",
    ["state = 'CONFIRMING'", "state = 'CHARGED'"],
  ),
  update(
    "I10 tasks of mail",
    "a mail that waits without a task",
    "SELECT MAX(mail_id) FROM user.mail WHERE state = 'SENT'",
    "user.mail",
    "mail_id",
    ["state = 'PENDING'", "state = 'SENT'"],
  ),
  ...["pay.purchase", "point.charge"].map(table => {
    const [schema, kind] = table.split(".");
    return {
      invariant: `I10 tasks of ${kind}`,
      what: `a task for no ${kind}`,
      find: "SELECT UUID()",
      plant: `INSERT INTO ${schema}.task (kind, id, due_time) VALUES ('${kind}', ?, NOW(6) + INTERVAL 1 HOUR)`,
      repair: `DELETE FROM ${schema}.task WHERE id = ?`,
    };
  }),
];

describe("the invariants", function () {
  this.timeout(120_000);
  let stack: Stack;
  let sql: Connection;

  before(async function () {
    stack = await sharedStack();
    const { gatewayUrl, mailUrl, pspUrl } = stack;
    if (gatewayUrl === undefined) {
      this.skip();
    }
    const admin = await signUpAdmin(stack);
    await playStory({ gatewayUrl, mailUrl, pspUrl, protocol: "connect", admin, narrator: silentNarrator });
    await waitUntilIdle(stack);
    sql = await connectAdmin(stack.mariadb.url);
  });
  after(() => sql?.end());

  async function violated(): Promise<Finding[]> {
    const findings = await verifyInvariants(stack.env, options);
    return findings.filter(({ violations }) => violations.length > 0);
  }

  it("hold when nothing is wrong", async () => {
    expect(await violated()).to.deep.equal([]);
  });

  for (const { invariant, what, find, plant, repair } of planted) {
    it(`find ${what}`, async () => {
      const [row] = await sql.query({ sql: find, rowsAsArray: true });
      const { affectedRows } = await sql.query(plant, [row[0]]);
      expect(affectedRows, "violation was planted").to.equal(1);
      try {
        const names = (await violated()).map(({ name }) => name.replace(/ in \w+$/, ""));
        expect(names).to.include(invariant);
      } finally {
        await sql.query(repair, [row[0]]);
      }
    });
  }

  it("find a history that differs, lacks a purchase, or has one too many", async () => {
    const client = new mongo.MongoClient(stack.env.PAY_MONGODB_URI ?? "");
    const documents = client.db().collection<{ _id: string; event: object }>("purchase_history");
    const names = async () => (await violated()).map(({ name }) => name);
    try {
      const [newest] = await documents.find().sort({ _id: -1 }).limit(1).toArray();
      if (newest === undefined) {
        throw new Error("the story left no history");
      }
      await documents.replaceOne({ _id: newest._id }, { ...newest, event: {} });
      expect(await names()).to.deep.equal(["I7 purchase history"]);
      await documents.deleteOne({ _id: newest._id });
      expect(await names()).to.deep.equal(["I7 purchase history"]);
      await documents.insertOne({ ...newest, _id: "ffffffff-0000-7000-8000-000000000000" });
      await documents.insertOne(newest);
      expect(await names()).to.deep.equal(["I7 purchase history"]);
      await documents.deleteOne({ _id: "ffffffff-0000-7000-8000-000000000000" });
    } finally {
      await client.close();
    }
  });

  it("hold again when everything is repaired, and the command says so", async () => {
    const findings = await verifyInvariants(stack.env, options);
    expect(findings.filter(({ violations }) => violations.length > 0)).to.deep.equal([]);
    const env = { ...process.env, ...stack.env };
    const run = () => promisify(execFile)(process.execPath, [command, "--grace-seconds", "0"], { env });
    const { stdout, stderr } = await run();
    expect(stdout.match(/^ok /gm)).to.have.length(findings.length);
    expect(stderr).to.match(/using the variables of this environment/);
    const count = (change: string) =>
      sql.query(
        `UPDATE coupon.coupon SET issued_count = issued_count ${change} ORDER BY coupon_id DESC LIMIT 1`,
      );
    await count("+ 1");
    const failed = await run().catch(error => error);
    await count("- 1");
    expect(failed).to.include({ code: 1 });
    expect(failed.stdout).to.match(/^VIOLATED I4 coupons and their stock in coupon\n +coupon \d+ counts/m);
  });
});
