import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import { newOrderId, type receiveWebhooks, secretKey, until } from "../support/psp/psp.ts";
import { openPspSuite, type TestPsp } from "../support/psp/psp-suite.ts";

describe("PSP simulator, webhooks and ledger", () => {
  const suite = openPspSuite();
  const { start, openShop, spawnPspProcess } = suite;

  describe("webhooks", () => {
    let shop: Awaited<ReturnType<typeof receiveWebhooks>>;
    let own: TestPsp;

    const statusesOf = (orderId: string) =>
      shop.received.filter(({ body }) => body.data.orderId === orderId).map(({ body }) => body.data.status);

    it("sends each change, also when no call asks for it", async () => {
      shop = await openShop();
      own = await start({ webhookUrl: shop.url });
      const hasty = await start({ webhookUrl: shop.url, inProgressMs: 40 });
      const [paid, left] = [newOrderId(), newOrderId()];
      const paymentKey = await own.sim.authorize(paid, 10_000);
      await hasty.sim.authorize(left, 10_000);
      await own.api.confirm(paymentKey, paid, 10_000);
      await own.sim.cancel(paymentKey, 1_000);
      await until(() => statusesOf(paid).length === 3 && statusesOf(left).length === 2, "all have arrived");
      expect(statusesOf(paid)).to.have.members(["IN_PROGRESS", "DONE", "PARTIAL_CANCELED"]);
      expect(statusesOf(left)).to.have.members(["IN_PROGRESS", "EXPIRED"]);
      expect(shop.received[0]?.body.eventType).to.equal("PAYMENT_STATUS_CHANGED");
    });

    it("repeats a webhook until it is answered by 200", async () => {
      shop = await openShop(500, 302, 201);
      own = await start({ webhookUrl: shop.url, retryUnitMs: 5 });
      const orderId = newOrderId();
      await own.sim.authorize(orderId, 10_000);
      await until(async () => (await own.sim.pendingWebhooks()) === 0, "the webhook is delivered");
      const counts = shop.received.map(
        ({ headers }) => headers["tosspayments-webhook-transmission-retried-count"],
      );
      expect(counts).to.deep.equal(["0", "1", "2", "3"]);
      expect(
        new Set(shop.received.map(({ headers }) => headers["tosspayments-webhook-transmission-id"])).size,
      ).to.equal(1);
    });

    it("repeats, loses and resends webhooks as scripted", async () => {
      shop = await openShop();
      own = await start({ webhookUrl: shop.url });
      const [twice, never] = [newOrderId(), newOrderId()];
      await own.sim.script(twice, { webhook: { times: 2, delayMs: 5 } });
      await own.sim.script(never, { webhook: { times: 0 } });
      await own.sim.authorize(never, 10_000);
      await own.sim.authorize(twice, 10_000);
      await until(() => statusesOf(twice).length === 2, "both copies have arrived");
      expect(statusesOf(never)).to.deep.equal([]);
      await own.sim.resendWebhook(never, 3);
      await until(() => statusesOf(never).length === 3, "the resent ones have arrived");
    });
  });

  describe("ledger", () => {
    let dataDir: string;

    beforeEach(async () => {
      dataDir = await mkdtemp(join(tmpdir(), "psp-test-"));
    });
    afterEach(() => rm(dataDir, { recursive: true }));

    it("survives a restart, with payments, answers and unsent webhooks", async () => {
      const failing = await openShop(...Array.from({ length: 10 }, () => 500));
      const first = await start({ dataDir, webhookUrl: failing.url });
      const orderId = newOrderId();
      const paymentKey = await first.sim.authorize(orderId, 10_000);
      const confirmed = await first.api.confirm(paymentKey, orderId, 10_000, "confirm");
      const cancelled = await first.api.cancel(paymentKey, { cancelAmount: 1_000 }, "cancel");
      const ledger = await first.sim.ledger();
      await until(() => failing.received.length === 3, "the webhooks have been refused");
      await first.stop();
      await failing.stop();

      const shop = await openShop();
      const second = await start({ dataDir, webhookUrl: shop.url });
      expect(await second.sim.ledger()).to.deep.equal(ledger);
      expect(await second.api.confirm(paymentKey, orderId, 10_000, "confirm")).to.deep.equal(confirmed);
      expect(await second.api.cancel(paymentKey, { cancelAmount: 1_000 }, "cancel")).to.deep.equal(cancelled);
      expect((await second.api.find(orderId)).body).to.deep.equal(cancelled.body);
      expect((await second.api.cancel(paymentKey, {}, "rest")).body.status).to.equal("CANCELED");
      expect((await second.sim.ledger()).totals.net).to.equal(0);
      await until(() => shop.received.length === 4, "the unsent webhooks arrive");
    });

    it("survives a SIGKILL", async () => {
      const first = await spawnPspProcess(dataDir);
      const orderId = newOrderId();
      const sim = createPspSim(first.url);
      const body = JSON.stringify({
        paymentKey: await sim.authorize(orderId, 10_000),
        orderId,
        amount: 10_000,
      });
      const headers = { authorization: `Basic ${btoa(`${secretKey}:`)}`, "content-type": "application/json" };
      const confirmed = await fetch(`${first.url}/v1/payments/confirm`, { method: "POST", headers, body });
      await first.kill("SIGKILL");
      const second = await spawnPspProcess(dataDir);
      expect(confirmed.status).to.equal(200);
      expect((await createPspSim(second.url).ledger(orderId)).totals.captured).to.equal(10_000);
    });

    it("survives a crash in the middle of a line", async () => {
      const first = await start({ dataDir });
      const orderId = newOrderId();
      await first.api.confirm(await first.sim.authorize(orderId, 10_000), orderId, 10_000);
      await first.stop();
      const path = join(dataDir, "psp.jsonl");
      await writeFile(path, `${await readFile(path, "utf8")}{"kind":"payment","rec`);

      const second = await start({ dataDir });
      await second.sim.authorize(newOrderId(), 10_000);
      const third = await start({ dataDir });
      expect((await third.sim.ledger()).totals.captured).to.equal(10_000);
    });
  });
});
