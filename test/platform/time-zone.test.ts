import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { instant, type Times } from "../support/data/times.ts";

const script = join(root, "test/support/data/times.ts");
const zones = { UTC: 0, "Asia/Seoul": -540, "America/St_Johns": 210, "Asia/Kathmandu": -330 };

interface Seen {
  readonly offset: number;
  readonly found: readonly Times[];
  readonly modeled: readonly Times[];
}

describe("times in the database", () => {
  let url: string;
  let database: Database;

  before(async function () {
    this.timeout(120_000);
    url = (await componentEnvironment("coupon")).COUPON_DATABASE_URL ?? "";
    database = createDatabase({ url, poolSize: 1 });
    await database.execute(
      `CREATE TABLE times (zone VARCHAR(40) PRIMARY KEY, by_statement DATETIME(6) NOT NULL, by_model DATETIME(6),
         day DATE NOT NULL)`,
    );
  });
  after(() => database?.close());

  it("are the same whatever the time zones of the processes that write and read them", async () => {
    const runs: [string, number, Seen][] = [];
    for (const [zone, offset] of Object.entries(zones)) {
      const env = { PATH: process.env.PATH, TZ: zone };
      const { stdout } = await promisify(execFile)(process.execPath, [script, url, zone], { env });
      runs.push([zone, offset, JSON.parse(stdout)]);
    }
    const time = instant.toISOString();
    const row = (zone: string) => ({ zone, byStatement: time, byModel: time, day: "2026-03-29" });
    for (const [index, [zone, offset, seen]] of runs.entries()) {
      const rows = Object.keys(zones)
        .slice(0, index + 1)
        .toSorted()
        .map(row);
      expect(seen, zone).to.deep.equal({ offset, found: rows, modeled: rows });
    }
    const stored = await database.query<{ text: string }>(
      "SELECT DISTINCT CONCAT_WS(' ', by_statement, by_model, day) AS text FROM times",
    );
    const text = "2026-03-29 01:30:00.123000";
    expect(stored).to.deep.equal([{ text: `${text} ${text} 2026-03-29` }]);
  });

  it("are of the types that the pool converts", async () => {
    const types = new Set<string>();
    for (const service of serviceNames) {
      const env = await componentEnvironment(service);
      const own = createDatabase({ url: env[`${service.toUpperCase()}_DATABASE_URL`] ?? "", poolSize: 1 });
      const rows = await own.query<{ type: string }>(
        `SELECT DISTINCT column_type AS type FROM information_schema.columns
          WHERE table_schema = DATABASE() AND data_type IN ('date', 'datetime', 'time', 'timestamp', 'year')`,
      );
      await own.close();
      for (const { type } of rows) {
        types.add(type);
      }
    }
    expect([...types].toSorted()).to.deep.equal(["date", "datetime(6)"]);
  });
});
