import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { newOrderId, receiveWebhooks, secretKey, startTestPsp } from "./psp.ts";

export type TestPsp = Awaited<ReturnType<typeof startTestPsp>>;

/** Opens a PSP for the tests of a describe block, and closes whatever else they open. */
export function openPspSuite() {
  const suite = { psp: undefined as unknown as TestPsp, start, openShop, spawnPspProcess, captured };
  const cleanups: (() => Promise<unknown>)[] = [];

  before(async () => {
    suite.psp = await startTestPsp();
  });
  after(() => suite.psp.stop());
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) {
      await cleanup();
    }
  });

  return suite;

  /** PSPs and shops that end with their test, however it ends. */
  async function start(options: Parameters<typeof startTestPsp>[0]) {
    const own = await startTestPsp(options);
    cleanups.push(own.stop);
    return own;
  }
  async function openShop(...statuses: number[]) {
    const shop = await receiveWebhooks(...statuses);
    cleanups.push(shop.stop);
    return shop;
  }
  async function spawnPspProcess(dataDir: string) {
    const spawned = await spawnPsp(dataDir);
    cleanups.push(() => spawned.kill("SIGKILL"));
    return spawned;
  }

  async function captured(amount = 10_000) {
    const orderId = newOrderId();
    const paymentKey = await suite.psp.sim.authorize(orderId, amount);
    expect((await suite.psp.api.confirm(paymentKey, orderId, amount)).status).to.equal(200);
    return { orderId, paymentKey };
  }
}

/** The PSP as a process of its own, as the local stack runs it. */
async function spawnPsp(dataDir: string) {
  const args = ["dev/sim/psp/main.ts", "--data-dir", dataDir, "--secret-key", secretKey];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return {
    url: /http:\S+/.exec(String(line))?.[0] ?? "",
    async kill(signal: NodeJS.Signals) {
      if (child.exitCode !== null || child.signalCode !== null) {
        return;
      }
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}
