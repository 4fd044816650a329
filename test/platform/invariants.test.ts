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
import type { Finding } from "#ops/invariants/serve-findings.ts";
import { verifyInvariants } from "#ops/verify-invariants.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { newestCharge, plantedViolations } from "../support/stack/planted-violations.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";

const command = fileURLToPath(new URL("../../ops/verify-invariants.ts", import.meta.url));
const rebuildCommand = fileURLToPath(new URL("../../ops/rebuild-statistics.ts", import.meta.url));
const options = { graceSeconds: 0, pspDays: 2 };

describe("the invariants", function () {
  this.timeout(120_000);
  let stack: Stack;
  let sql: Connection;

  before(async function () {
    stack = await sharedStack();
    const { gatewayUrl, mailUrl, pspUrl, identityUrl } = stack;
    if (gatewayUrl === undefined) {
      this.skip();
    }
    const admin = await signUpAdmin(stack);
    await playStory({
      gatewayUrl,
      mailUrl,
      pspUrl,
      identityUrl,
      protocol: "connect",
      admin,
      narrator: silentNarrator,
    });
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

  for (const { invariant, what, find, plant, repair } of plantedViolations) {
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

  it("excuse a charge by a resolved discrepancy of the same amounts alone", async () => {
    const [[chargeId, amount]] = await sql.query({
      sql: `SELECT charge_id, amount_points FROM point.charge WHERE charge_id = (${newestCharge})`,
      rowsAsArray: true,
    });
    const isViolated = async () => (await violated()).some(({ name }) => name === "I5 charges and the PSP");
    const setAmount = (points: bigint) =>
      sql.query("UPDATE point.charge SET amount_points = ? WHERE charge_id = ?", [points, chargeId]);
    await sql.query(
      `INSERT INTO point.discrepancy (kind, charge_id, our_amount_points, psp_amount_points, resolve_time)
       VALUES ('AMOUNT', ?, ?, ?, NOW(6))`,
      [chargeId, BigInt(amount) + 7n, amount],
    );
    try {
      await setAmount(BigInt(amount) + 1n);
      expect(await isViolated(), "other amounts than those that were resolved").to.equal(true);
      await setAmount(BigInt(amount) + 7n);
      expect(await isViolated(), "the amounts that were resolved").to.equal(false);
    } finally {
      await setAmount(BigInt(amount));
      await sql.query("DELETE FROM point.discrepancy WHERE charge_id = ?", [chargeId]);
    }
  });

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

  it("of statistics are restored by a command, which refuses a wrong call", async () => {
    const env = { ...process.env, ...stack.env };
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [rebuildCommand, ...args], { env });
    const change = "UPDATE creator.creator_statistics SET rating_sum = rating_sum + 1, subscriber_count = 99";
    await sql.query(`${change} ORDER BY creator_id DESC LIMIT 1`);
    const { stdout } = await run();
    expect(stdout).to.match(
      /^creator sums up \d+ again\ncreator sums up \d+ again\ncomplete: 2 corrected\n$/,
    );
    expect(await violated()).to.deep.equal([]);
    const failed = await run("everything").catch(error => error);
    expect(failed).to.include({ code: 2 });
    expect(failed.stderr).to.match(/^not understood: everything$/m);
  });
});
