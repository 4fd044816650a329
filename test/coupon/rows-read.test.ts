import { expect } from "chai";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { listUsableCoupons } from "#services/coupon/db/user-coupons.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { costOf } from "../support/data/rows-read.ts";

const coupons = 20_000;
const pageRows = 20;

// A user keeps every coupon that was used or has ended.
describe("what the list of usable coupons reads", function () {
  this.timeout(60_000);
  let database: Database;

  before(async () => {
    const { COUPON_DATABASE_URL: url = "" } = await componentEnvironment("coupon");
    database = createDatabase({ url, poolSize: 1 });
    await database.execute(
      `INSERT INTO coupon (coupon_id, code, title, scope, kind, value, minimum_points, maximum_discount_points,
         target_question_id, target_creator_id, target_category_id, stackable, stock_count, issued_count, start_time,
         end_time)
       SELECT seq, CONCAT('C-', seq), '쿠폰', 'LINE', 'FIXED', 100, 0, 0, 0, 0, 0, FALSE, 10, 2,
         NOW(6) - INTERVAL 1 YEAR,
         NOW(6) + INTERVAL (CAST(seq AS SIGNED) - ${coupons - 1000}) DIV 10 HOUR FROM seq_1_to_${coupons}`,
    );
    // The last thousand have not ended, ten with each end; every second one is used.
    await database.execute(
      `INSERT INTO user_coupon (user_id, coupon_id, state, purchase_id, end_time)
       SELECT 1, coupon_id, IF(coupon_id % 2 = 0, 'FREE', 'USED'), IF(coupon_id % 2 = 0, NULL, UUID()), end_time
       FROM coupon`,
    );
    await database.execute(
      "INSERT INTO user_coupon (user_id, coupon_id, end_time) SELECT coupon_id + 1, coupon_id, end_time FROM coupon",
    );
    await database.query("ANALYZE TABLE coupon, user_coupon");
  });
  after(() => database?.close());

  it("is a page of it, however many coupons the user had, on the first page and on any other", async () => {
    const seen = new Set<bigint>();
    let after: readonly string[] | undefined;
    do {
      let next: readonly string[] | undefined;
      const cost = await costOf(database, async tx => {
        const { rows, nextAfter } = await listUsableCoupons(tx, 1n, { after, limit: pageRows });
        for (const { userCouponId } of rows) {
          seen.add(userCouponId);
        }
        next = nextAfter;
      });
      expect(cost, `page after ${seen.size}`).to.be.lessThan(pageRows * 10);
      after = next;
    } while (after !== undefined);
    expect(seen.size).to.be.within(490, 500);
  });
});
