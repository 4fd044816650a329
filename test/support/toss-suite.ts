import { expect } from "chai";
import type { Step } from "../../dev/pg/script.ts";
import type { Pg, PgTransaction } from "../../services/point/pg/pg.ts";
import { createTossPg } from "../../services/point/pg/toss.ts";
import { newOrderId, secretKey, startTestPg } from "./pg.ts";

interface LogLine {
  level: "warn" | "error";
  fields: object;
}

/** Opens a gateway and the adapter to it for the tests of a describe block. */
export function openTossSuite() {
  const suite = {
    pg: undefined as unknown as Awaited<ReturnType<typeof startTestPg>>,
    toss: undefined as unknown as Pg,
    connect,
    authorised,
    charged,
    capturedOf: async (chargeId: string) => (await suite.pg.sim.books(chargeId)).totals.captured,
    errors: () => log.filter(line => line.level === "error"),
    logged: () => log,
    forgetLog: () => {
      log = [];
    },
  };
  let log: LogLine[] = [];

  function connect(options: { baseUrl?: string; secretKey?: string; timeoutMs?: number } = {}): Pg {
    const to = (level: LogLine["level"]) => (fields: object) => void log.push({ level, fields });
    return createTossPg({
      baseUrl: suite.pg.url,
      secretKey,
      timeoutMs: 2_000,
      log: { warn: to("warn"), error: to("error") },
      ...options,
    });
  }

  before(async () => {
    suite.pg = await startTestPg();
    suite.toss = connect();
  });
  after(() => suite.pg.stop());
  beforeEach(() => {
    log = [];
  });

  async function authorised(script: { confirm?: Step[]; find?: Step[]; cancel?: Step[] } = {}) {
    const chargeId = newOrderId();
    const paymentKey = await suite.pg.sim.authorize(chargeId, 10_000);
    await suite.pg.sim.script(chargeId, script);
    return { chargeId, paymentKey, amountPoints: 10_000n, idempotencyKey: `${chargeId}-1` };
  }

  async function charged(script: { find?: Step[]; cancel?: Step[] } = {}) {
    const request = await authorised();
    expect((await suite.toss.confirm(request)).outcome).to.equal("succeeded");
    await suite.pg.sim.script(request.chargeId, script);
    return request;
  }

  return suite;
}

/** All transactions of a day. */
export async function listed(toss: Pg, day: string): Promise<PgTransaction[]> {
  const rows: PgTransaction[] = [];
  for await (const row of toss.listTransactions(day)) rows.push(row);
  return rows;
}
