import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { newOrderId, receiveWebhooks, secretKey, startTestPg } from "./pg.ts";

export type TestPg = Awaited<ReturnType<typeof startTestPg>>;

/** Opens a gateway for the tests of a describe block, and closes whatever they open beside it. */
export function openPgSuite() {
  const suite = { pg: undefined as unknown as TestPg, start, openShop, spawnGateway, captured };
  const cleanups: (() => Promise<unknown>)[] = [];

  before(async () => {
    suite.pg = await startTestPg();
  });
  after(() => suite.pg.stop());
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  return suite;

  /** Gateways and shops that end with their test, however it ends. */
  async function start(options: Parameters<typeof startTestPg>[0]) {
    const own = await startTestPg(options);
    cleanups.push(own.stop);
    return own;
  }
  async function openShop(...statuses: number[]) {
    const shop = await receiveWebhooks(...statuses);
    cleanups.push(shop.stop);
    return shop;
  }
  async function spawnGateway(dataDir: string) {
    const spawned = await spawnPg(dataDir);
    cleanups.push(() => spawned.kill("SIGKILL"));
    return spawned;
  }

  async function captured(amount = 10_000) {
    const orderId = newOrderId();
    const paymentKey = await suite.pg.sim.authorize(orderId, amount);
    expect((await suite.pg.api.confirm(paymentKey, orderId, amount)).status).to.equal(200);
    return { orderId, paymentKey };
  }
}

/** The gateway as a process of its own, as the local stack may run it. */
async function spawnPg(dataDir: string) {
  const args = ["dev/pg/main.ts", "--data-dir", dataDir, "--secret-key", secretKey];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return {
    url: /http:\S+/.exec(String(line))?.[0] ?? "",
    async kill(signal: NodeJS.Signals) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}
