import { expect } from "chai";
import type { Step } from "#dev/sim/psp/script.ts";
import type { Psp, PspTransaction, PspUnreadable } from "#services/point/psp/psp.ts";
import type { TossConfig } from "#services/point/psp/toss/config.ts";
import { createTossPsp } from "#services/point/psp/toss/toss.ts";
import { clientKey, newOrderId, secretKey, startTestPsp } from "./psp.ts";

interface LogLine {
  level: "warn" | "error";
  fields: object;
}

/** Opens a PSP and the adapter to it for the tests of a describe block. */
export function openTossSuite() {
  const suite = {
    psp: undefined as unknown as Awaited<ReturnType<typeof startTestPsp>>,
    toss: undefined as unknown as Psp,
    connect,
    authorized,
    charged,
    capturedOf: async (chargeId: string) => (await suite.psp.sim.ledger(chargeId)).totals.captured,
    errors: () => log.filter(line => line.level === "error"),
    logged: () => log,
    forgetLog: () => {
      log = [];
    },
  };
  let log: LogLine[] = [];

  function connect(options: Partial<TossConfig> = {}): Psp {
    const to = (level: LogLine["level"]) => (fields: object) => void log.push({ level, fields });
    const { url } = suite.psp;
    const config = {
      apiUrl: url,
      secretKey,
      clientKey,
      checkoutUrl: `${url}/pay`,
      timeoutMs: 30_000,
      ...options,
    };
    return createTossPsp(config, { warn: to("warn"), error: to("error") });
  }

  before(async () => {
    suite.psp = await startTestPsp();
    suite.toss = connect();
  });
  after(() => suite.psp.stop());
  beforeEach(() => {
    log = [];
  });

  async function authorized(script: { confirm?: Step[]; find?: Step[]; cancel?: Step[] } = {}) {
    const chargeId = newOrderId();
    const paymentKey = await suite.psp.sim.authorize(chargeId, 10_000);
    await suite.psp.sim.script(chargeId, script);
    return { chargeId, paymentKey, amountPoints: 10_000n, idempotencyKey: `${chargeId}-1` };
  }

  async function charged(script: { find?: Step[]; cancel?: Step[] } = {}) {
    const request = await authorized();
    expect((await suite.toss.confirm(request)).outcome).to.equal("succeeded");
    await suite.psp.sim.script(request.chargeId, script);
    return request;
  }

  return suite;
}

/** All transactions of a day. */
export async function listed(toss: Psp, day: string): Promise<(PspTransaction | PspUnreadable)[]> {
  const rows: (PspTransaction | PspUnreadable)[] = [];
  for await (const row of toss.listTransactions(day)) {
    rows.push(row);
  }
  return rows;
}
