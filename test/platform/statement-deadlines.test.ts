import { expect } from "chai";
import { DataTypes } from "sequelize";
import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import type { Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";
import { endStatementsAt, outliveCall } from "#kit/data/statement-deadline.ts";
import { Call } from "#kit/rpc/call.ts";
import { enforceDeadline } from "#kit/rpc/interceptors/enforce-deadline.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { reasonOf } from "../support/rpc/clients.ts";
import { incomingCallOf } from "../support/rpc/incoming-call.ts";
import { until } from "../support/stack/until.ts";

// Hours of work that reads no table.
const endless = "SELECT COUNT(*) FROM seq_1_to_1000000000 a, seq_1_to_1000000000 b";
const soonMs = 150;
const { listCoupons } = CouponAdminService.method;

describe("statements of a call", () => {
  let database: Database;

  before(async () => {
    const { COUPON_DATABASE_URL: url = "" } = await componentEnvironment("coupon");
    database = createDatabase({ url, poolSize: 3 });
  });
  after(() => database?.close());

  const soon = () => Date.now() + soonMs;
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      (error: unknown) => reasonOf(error),
    );
  const running = async () => {
    const rows = await database.query<{ info: string }>(
      `SELECT info FROM information_schema.processlist
        WHERE info LIKE '%seq_1_to_1000000000%' AND id <> CONNECTION_ID()`,
    );
    return rows.length;
  };

  it("end in the database at its deadline", async () => {
    const policy = { deadlineMs: soonMs } as Policy;
    const call = new Call(listCoupons, incomingCallOf(listCoupons));
    const answer = enforceDeadline(policy)(async () => ({ rows: await database.query(endless) }))(call);
    expect(await refusal(answer)).to.equal("DEADLINE_EXCEEDED");
    await until(async () => (await running()) === 0, "the statement has ended");
  });

  it("are refused after its deadline, those of models and transactions too, and leave connections usable", async () => {
    const items = table<{ couponId: bigint }>("coupon", {
      couponId: { type: DataTypes.BIGINT, primaryKey: true, field: "coupon_id" },
    });
    const late: (() => Promise<unknown>)[] = [
      () => database.query("SELECT 1"),
      () => items(database).list({ limit: 1 }),
      () => database.transaction(tx => tx.execute("UPDATE coupon SET title = title")),
    ];
    for (const work of late) {
      expect(await refusal(endStatementsAt(Date.now() - 1, work))).to.equal("DEADLINE_EXCEEDED");
    }
    const inTransaction = endStatementsAt(soon(), () =>
      database.transaction(async tx => {
        await tx.execute("INSERT INTO inbox (event_id, consumer) VALUES ('past its deadline', 'none')");
        await tx.query(endless);
      }),
    );
    expect(await refusal(inTransaction)).to.equal("DEADLINE_EXCEEDED");
    const reads = Array.from({ length: 6 }, () =>
      database.query("SELECT 1 FROM inbox WHERE event_id = 'past its deadline'"),
    );
    expect((await Promise.all(reads)).flat()).to.deep.equal([]);
  });

  it("end with the work that outlives it, not before", async () => {
    const work = () => outliveCall(() => database.query<{ one: number }>("SELECT 1 AS one"));
    expect(await endStatementsAt(Date.now() - 1, work)).to.deep.equal([{ one: 1 }]);
  });
});
