import { expect } from "chai";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { createMetrics, type Metrics } from "#kit/process/metrics.ts";
import { type Finding, serveFindings } from "#ops/invariants/serve-findings.ts";
import { measurePurchases } from "#services/pay/jobs/measure-purchases.ts";
import { measurePoints } from "#services/point/jobs/measure-points.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { readMetric } from "../support/stack/metrics.ts";
import { until } from "../support/stack/until.ts";

describe("the metrics about money", () => {
  const open: Database[] = [];

  async function openDatabase(service: string): Promise<Database> {
    const env = await componentEnvironment(service);
    const url = env[`${service.toUpperCase()}_DATABASE_URL`] ?? "";
    const database = createDatabase({ url, poolSize: 2 });
    open.push(database);
    return database;
  }

  after(() => Promise.all(open.map(database => database.close())));

  it("say how many purchases are pending, and how old the oldest is", async () => {
    const database = await openDatabase("pay");
    const metrics = createMetrics("pay");
    const measure = measurePurchases({ database, metrics });
    await measure();
    expect(await readValue(metrics, "pay_purchases_pending")).to.equal(0);
    expect(await readValue(metrics, "pay_purchase_oldest_pending_age_seconds")).to.equal(0);
    await database.execute(
      `INSERT INTO task (kind, id, due_time, create_time) VALUES
        ('purchase', 'a', NOW(6), NOW(6) - INTERVAL 1000 SECOND), ('purchase', 'b', NOW(6), NOW(6)),
        ('other', 'c', NOW(6), NOW(6) - INTERVAL 1 DAY)`,
    );
    await measure();
    expect(await readValue(metrics, "pay_purchases_pending")).to.equal(2);
    expect(await readValue(metrics, "pay_purchase_oldest_pending_age_seconds")).to.be.within(1000, 1100);
  });

  it("say how old the oldest open charge of each state is", async () => {
    const database = await openDatabase("point");
    const metrics = createMetrics("point");
    const measure = measurePoints({ database, metrics });
    await database.execute(
      `INSERT INTO charge 
          (charge_id, user_id, request_id, provider, package, amount_points, state, create_time, expire_time)
        VALUES (UUID(), 1, UUID(), 'toss', 'A', 1000, 'CONFIRMING', NOW(6) - INTERVAL 2000 SECOND, NOW()),
          (UUID(), 1, UUID(), 'toss', 'A', 1000, 'CONFIRMING', NOW(6), NOW()),
          (UUID(), 1, UUID(), 'toss', 'A', 1000, 'FAILED', NOW(6) - INTERVAL 9000 SECOND, NOW())`,
    );
    await measure();
    const name = "point_charge_oldest_age_seconds";
    expect(await readValue(metrics, `${name}{state="confirming"`)).to.be.within(2000, 2100);
    expect(await readValue(metrics, `${name}{state="ordered"`)).to.equal(0);
  });
});

describe("verify-invariants --listen", () => {
  it("shows what was found last, and when, while a walk fails", async () => {
    const stop = new AbortController();
    const walks: (readonly Finding[] | Error)[] = [
      [
        { name: "I1 in point", violations: [] },
        { name: "I2", violations: ["one", "two"] },
      ],
      new Error("mariadb is unavailable"),
    ];
    const lines: string[] = [];
    const { ports, release } = await reservePorts({ base: 29_600, count: 1 });
    const [port = 0] = ports;
    const serving = serveFindings({
      host: "127.0.0.1",
      port,
      everySeconds: 0.05,
      async verify() {
        const walk = walks.shift() ?? new Error("no more");
        if (walk instanceof Error) {
          throw walk;
        }
        return walk;
      },
      log: line => lines.push(line),
      signal: stop.signal,
    });
    await until(() => lines.includes("not verified: mariadb is unavailable"), "the second walk has failed");
    const probe = { probeUrl: `http://127.0.0.1:${port}` };
    expect(await readMetric(probe, "invariant_violations", { invariant: "I1 in point" })).to.equal(0);
    expect(await readMetric(probe, "invariant_violations", { invariant: "I2" })).to.equal(2);
    const ageSeconds = Date.now() / 1000 - (await readMetric(probe, "invariants_verified_timestamp_seconds"));
    expect(ageSeconds).to.be.within(0, 60);
    expect(lines).to.include("VIOLATED I2: one");
    stop.abort();
    await serving;
    await release();
  });
});

/** The value of the first sample that begins like this. */
async function readValue({ registry }: Metrics, sample: string): Promise<number> {
  const line = (await registry.metrics()).split("\n").find(each => each.startsWith(sample));
  return Number(line?.slice(line.lastIndexOf(" ")));
}
