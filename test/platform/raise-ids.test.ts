import { expect } from "chai";
import { createDatabase } from "#kit/data/database.ts";
import { raiseIds } from "#ops/raise-ids.ts";
import { componentEnvironment } from "../support/component/component.ts";

describe("raise-ids", () => {
  it("gives no number of a restored table out again, and may be repeated", async () => {
    const env = await componentEnvironment("coupon");
    const url = env.COUPON_DATABASE_URL ?? "";
    const owner = { ...env, COUPON_MIGRATION_DATABASE_URL: url };
    const database = createDatabase({ url, poolSize: 1 });
    const insert = async (userId: bigint) => {
      const values = "VALUES (?, 1, NOW())";
      const { insertId } = await database.execute(
        `INSERT INTO user_coupon (user_id, coupon_id, end_time) ${values}`,
        [userId],
      );
      return insertId;
    };
    try {
      await database.execute(
        `INSERT INTO coupon
          VALUES (1, 'CODE', 'title', 'LINE', 'FIXED', 1000, 0, 0, 0, 0, 0, FALSE, 10, 1, NOW(), NOW(), NOW())`,
      );
      const before = await insert(7n);
      const lines = await raiseIds("coupon", owner);
      expect(lines.map(line => line.split(":")[0])).to.include("coupon.user_coupon");
      expect(Number((await insert(8n)) - before)).to.be.at.least(1_000_000);
    } finally {
      await database.close();
    }
  });
});
