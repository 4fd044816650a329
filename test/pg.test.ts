import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createPgSim } from "../dev/pg/sim-client.ts";
import {
  clientKey,
  newOrderId,
  receiveWebhooks,
  secretKey,
  shopOrigin,
  startTestPg,
  until,
} from "./support/pg.ts";

type TestPg = Awaited<ReturnType<typeof startTestPg>>;

describe("payment gateway simulator", function () {
  this.timeout(20_000);
  let pg: TestPg;
  const cleanups: (() => Promise<unknown>)[] = [];

  before(async () => {
    pg = await startTestPg();
  });
  after(() => pg.stop());
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

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
    const paymentKey = await pg.sim.authorize(orderId, amount);
    expect((await pg.api.confirm(paymentKey, orderId, amount)).status).to.equal(200);
    return { orderId, paymentKey };
  }

  describe("payment page", () => {
    const successUrl = `${shopOrigin}/charges/done?lang=ko`;
    const failUrl = `${shopOrigin}/charges/failed`;

    function open(changes: Record<string, string> = {}) {
      const query = {
        clientKey,
        orderId: newOrderId(),
        orderName: "포인트",
        amount: "10000",
        successUrl,
        failUrl,
      };
      return fetch(`${pg.url}/pay?${new URLSearchParams({ ...query, ...changes })}`);
    }

    async function submit(page: string, action: string, method = "card") {
      const paymentKey = /name="paymentKey" value="([^"]+)"/.exec(page)?.[1] ?? "";
      const body = new URLSearchParams({ paymentKey, action, method });
      return fetch(`${pg.url}/pay`, { method: "POST", body, redirect: "manual" });
    }

    it("takes a buyer from the page back to the shop, and the shop to its money", async () => {
      const orderId = newOrderId();
      const page = await (await open({ orderId })).text();
      expect(page).to.include("10,000원");
      expect((await pg.api.find(orderId)).body.status).to.equal("READY");

      const sent = await submit(page, "pay", "easyPay");
      expect(sent.status).to.equal(303);
      const target = new URL(sent.headers.get("location") ?? "");
      expect(target.origin + target.pathname).to.equal(`${shopOrigin}/charges/done`);
      const {
        lang,
        orderId: order,
        amount,
        paymentType,
        paymentKey = "",
      } = Object.fromEntries(target.searchParams);
      expect({ lang, order, amount, paymentType }).to.deep.equal({
        lang: "ko",
        order: orderId,
        amount: "10000",
        paymentType: "NORMAL",
      });

      expect((await pg.api.find(orderId)).body).to.include({ status: "IN_PROGRESS", method: "간편결제" });
      const confirmed = await pg.api.confirm(paymentKey, orderId, 10_000);
      expect(confirmed.body).to.include({
        status: "DONE",
        totalAmount: 10_000,
        balanceAmount: 10_000,
        orderId,
      });
      expect(confirmed.body.receipt.url).to.be.a("string");
      expect((await open({ orderId })).status).to.equal(400);
    });

    it("sends the buyer to the same place when the button is clicked twice", async () => {
      const page = await (await open()).text();
      const [first, second] = [await submit(page, "pay"), await submit(page, "pay")];
      expect(second.status).to.equal(303);
      expect(second.headers.get("location")).to.equal(first.headers.get("location"));
    });

    it("sends a buyer who gives up to the fail address, and takes no money", async () => {
      const orderId = newOrderId();
      const sent = await submit(await (await open({ orderId })).text(), "cancel");
      const target = new URL(sent.headers.get("location") ?? "");
      expect(target.href.startsWith(failUrl)).to.equal(true);
      expect(target.searchParams.get("code")).to.equal("PAY_PROCESS_CANCELED");
      expect(target.searchParams.get("orderId")).to.equal(orderId);
      expect((await pg.api.find(orderId)).body.status).to.equal("ABORTED");
    });

    it("goes nowhere but to the shop", async () => {
      const elsewhere = [
        "https://evil.example/",
        "javascript:alert(1)",
        `${shopOrigin}.evil.example/`,
        "//evil.example",
        "http://user@shop.example/",
      ];
      for (const target of elsewhere) {
        expect((await open({ successUrl: target })).status, target).to.equal(400);
        expect((await open({ failUrl: target })).status, target).to.equal(400);
      }
      expect((await open({ clientKey: "other" })).status).to.equal(401);
    });

    it("escapes what it shows", async () => {
      const page = await (await open({ orderName: `<script>alert("x")</script>'&` })).text();
      expect(page).to.include("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;");
      expect(page).not.to.include("<script");
    });

    it("lets a card be declined at the confirm", async () => {
      const orderId = newOrderId();
      const sent = await submit(await (await open({ orderId })).text(), "pay", "declinedCard");
      const paymentKey = new URL(sent.headers.get("location") ?? "").searchParams.get("paymentKey") ?? "";
      const refused = await pg.api.confirm(paymentKey, orderId, 10_000);
      expect(refused.status).to.equal(403);
      expect(refused.body.code).to.equal("REJECT_CARD_PAYMENT");
      const { status, failure } = (await pg.api.find(orderId)).body;
      expect({ status, code: failure.code }).to.deep.equal({
        status: "ABORTED",
        code: "REJECT_CARD_PAYMENT",
      });
    });
  });

  describe("merchants' API", () => {
    it("wants the secret key, with its colon", async () => {
      const ask = (authorization?: string) =>
        fetch(`${pg.url}/v1/payments/orders/${newOrderId()}`, {
          headers: { ...(authorization && { authorization }) },
        });
      expect((await ask()).status).to.equal(401);
      expect((await ask(`Basic ${btoa("wrong:")}`)).status).to.equal(401);
      expect((await ask(`Basic ${btoa(secretKey)}`)).status).to.equal(403);
      expect((await ask(`Basic ${btoa(`${secretKey}:`)}`)).status).to.equal(404);
    });

    it("names what is wrong with a confirm", async () => {
      const { orderId, paymentKey } = await captured();
      const other = newOrderId();
      const openKey = await pg.sim.authorize(other, 10_000);
      const cases: [string, string, number, number, string][] = [
        ["nothing", other, 10_000, 404, "NOT_FOUND_PAYMENT"],
        [openKey, newOrderId(), 10_000, 404, "NOT_FOUND_PAYMENT_SESSION"],
        [openKey, other, 9_999, 403, "FORBIDDEN_REQUEST"],
        [openKey, other, -1, 400, "INVALID_REQUEST"],
        [paymentKey, orderId, 10_000, 400, "ALREADY_PROCESSED_PAYMENT"],
      ];
      for (const [key, order, amount, status, code] of cases) {
        const answer = await pg.api.confirm(key, order, amount);
        expect([answer.status, answer.body.code]).to.deep.equal([status, code]);
      }
      expect((await pg.sim.books(other)).rows).to.deep.equal([]);
    });

    it("captures an order once, however many payments were opened for it", async () => {
      const orderId = newOrderId();
      const keys = [await pg.sim.authorize(orderId, 10_000), await pg.sim.authorize(orderId, 10_000)];
      const answers = await Promise.all(keys.map(key => pg.api.confirm(key, orderId, 10_000)));
      expect(answers.map(answer => answer.body.code ?? answer.body.status).sort()).to.deep.equal([
        "DONE",
        "DUPLICATED_ORDER_ID",
      ]);
      expect((await pg.sim.books(orderId)).totals.captured).to.equal(10_000);
    });

    it("knows virtual accounts", async () => {
      const orderId = newOrderId();
      const paymentKey = await pg.sim.authorize(orderId, 10_000, "virtualAccount");
      const issued = await pg.api.confirm(paymentKey, orderId, 10_000);
      expect(issued.body).to.include({ status: "WAITING_FOR_DEPOSIT" });
      expect(issued.body.secret).to.be.a("string");
      expect((await pg.sim.books(orderId)).totals.captured).to.equal(0);
      await pg.sim.deposit(paymentKey);
      expect((await pg.api.find(orderId)).body.status).to.equal("DONE");
      expect((await pg.sim.books(orderId)).totals.captured).to.equal(10_000);
    });

    it("lists a Korean day's captures and cancels, page by page", async () => {
      const own = await start({});
      for (const amount of [1_000, 2_000, 3_000]) {
        const orderId = newOrderId();
        const paymentKey = await own.sim.authorize(orderId, amount);
        await own.api.confirm(paymentKey, orderId, amount);
        if (amount === 2_000) await own.api.cancel(paymentKey, { cancelAmount: 500 });
      }
      const day = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
      const path = `/v1/transactions?startDate=${day}T00:00:00&endDate=${day}T23:59:59&limit=3`;
      const first = (await own.api.call("GET", path)).body;
      const rest = (await own.api.call("GET", `${path}&startingAfter=${first.at(-1).transactionKey}`)).body;
      expect([...first, ...rest].map(row => row.amount)).to.deep.equal([1_000, 2_000, -500, 3_000]);
      const elsewhere = await own.api.call("GET", path.replaceAll(day, "2020-01-01"));
      expect(elsewhere.body).to.deep.equal([]);
      expect((await own.api.call("GET", `${path}&startingAfter=none`)).body.code).to.equal(
        "INVALID_TRANSACTION_KEY",
      );
    });
  });

  describe("cancels", () => {
    it("gives back in parts, never more than was taken", async () => {
      const { orderId, paymentKey } = await captured();
      const part = await pg.api.cancel(paymentKey, { cancelAmount: 4_000 });
      expect(part.body).to.include({ status: "PARTIAL_CANCELED", balanceAmount: 6_000, totalAmount: 10_000 });
      const tooMuch = await pg.api.cancel(paymentKey, { cancelAmount: 6_001 });
      expect(tooMuch.body.code).to.equal("NOT_CANCELABLE_AMOUNT");
      const rest = await pg.api.cancel(paymentKey);
      expect(rest.body).to.include({ status: "CANCELED", balanceAmount: 0 });
      expect(rest.body.cancels.map((cancel: { cancelAmount: number }) => cancel.cancelAmount)).to.deep.equal([
        4_000, 6_000,
      ]);
      expect((await pg.api.cancel(paymentKey)).body.code).to.equal("ALREADY_CANCELED_PAYMENT");
      const { totals } = await pg.sim.books(orderId);
      expect(totals).to.deep.equal({ captures: 1, captured: 10_000, cancels: 2, cancelled: 10_000, net: 0 });
    });

    it("lets one of two win that believe in the same balance", async () => {
      const { orderId, paymentKey } = await captured();
      const body = { cancelAmount: 3_000, refundableAmount: 10_000 };
      const answers = await Promise.all([pg.api.cancel(paymentKey, body), pg.api.cancel(paymentKey, body)]);
      expect(answers.map(answer => answer.body.code ?? "done").sort()).to.deep.equal([
        "NOT_MATCHES_REFUNDABLE_AMOUNT",
        "done",
      ]);
      expect((await pg.sim.books(orderId)).totals.net).to.equal(7_000);
    });

    it("refuses a second cancel within the gap, but not its own people", async () => {
      const slow = await start({ cancelGapMs: 60_000 });
      const orderId = newOrderId();
      const paymentKey = await slow.sim.authorize(orderId, 10_000);
      await slow.api.confirm(paymentKey, orderId, 10_000);
      await slow.api.cancel(paymentKey, { cancelAmount: 1_000 }, "k1");
      const second = await slow.api.cancel(paymentKey, { cancelAmount: 1_000 }, "k2");
      expect(second.body.code).to.equal("FORBIDDEN_CONSECUTIVE_REQUEST");
      expect((await slow.sim.cancel(paymentKey, 2_000)).balanceAmount).to.equal(7_000);
    });
  });

  describe("idempotency", () => {
    it("answers a repeat like the first call, whatever its body", async () => {
      const { orderId, paymentKey } = await captured();
      const first = await pg.api.cancel(paymentKey, { cancelAmount: 1_000 }, "same");
      const repeat = await pg.api.cancel(paymentKey, { cancelAmount: 2_000 }, "same");
      expect(repeat).to.deep.equal(first);
      expect((await pg.sim.books(orderId)).totals.cancelled).to.equal(1_000);
      await pg.api.cancel(paymentKey, { cancelAmount: 2_000 }, "other");
      expect((await pg.sim.books(orderId)).totals.cancelled).to.equal(3_000);
    });

    it("replays a passing refusal under its key, and not under a new one", async () => {
      const orderId = newOrderId();
      const paymentKey = await pg.sim.authorize(orderId, 10_000);
      await pg.sim.script(orderId, { confirm: [{ error: { status: 400, code: "PROVIDER_ERROR" } }] });
      for (const _ of [1, 2, 3]) {
        const answer = await pg.api.confirm(paymentKey, orderId, 10_000, `${orderId}-1`);
        expect(answer.body.code).to.equal("PROVIDER_ERROR");
      }
      expect((await pg.api.confirm(paymentKey, orderId, 10_000, `${orderId}-2`)).body.status).to.equal(
        "DONE",
      );
      const { calls } = await pg.sim.charge(orderId);
      expect(calls.map(call => call.replayed)).to.deep.equal([false, true, true, false]);
    });

    it("refuses a twin while the first call runs", async () => {
      const orderId = newOrderId();
      const paymentKey = await pg.sim.authorize(orderId, 10_000);
      await pg.sim.script(orderId, { confirm: [{ delayMs: 400 }] });
      const first = pg.api.confirm(paymentKey, orderId, 10_000, orderId);
      await until(async () => (await pg.sim.charge(orderId)).calls.length === 1, "the first call runs");
      const twin = await pg.api.confirm(paymentKey, orderId, 10_000, orderId);
      expect([twin.status, twin.body.code]).to.deep.equal([409, "IDEMPOTENT_REQUEST_PROCESSING"]);
      expect((await first).status).to.equal(200);
      expect(await pg.api.confirm(paymentKey, orderId, 10_000, orderId)).to.deep.equal(await first);
      expect((await pg.sim.books(orderId)).totals.captures).to.equal(1);
    });

    it("does the work once for twenty at a time", async () => {
      const orderId = newOrderId();
      const paymentKey = await pg.sim.authorize(orderId, 10_000);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => pg.api.confirm(paymentKey, orderId, 10_000, orderId)),
      );
      for (const { status } of answers) expect([200, 409]).to.include(status);
      expect((await pg.sim.books(orderId)).totals.captures).to.equal(1);
    });

    it("refuses a key that is too long, and forgets one whose time is over", async () => {
      const own = await start({ idempotencyWindowMs: 30 });
      const orderId = newOrderId();
      const paymentKey = await own.sim.authorize(orderId, 10_000);
      const long = await own.api.confirm(paymentKey, orderId, 10_000, "x".repeat(301));
      expect([long.status, long.body.code]).to.deep.equal([400, "INVALID_IDEMPOTENCY_KEY"]);
      await own.api.confirm(paymentKey, orderId, 10_000, "k");
      await until(async () => {
        const answer = await own.api.confirm(paymentKey, orderId, 10_000, "k");
        return answer.body.code === "ALREADY_PROCESSED_PAYMENT";
      }, "the key is forgotten");
    });
  });

  describe("windows", () => {
    it("expires what is not authenticated or not confirmed in time", async () => {
      const own = await start({ readyMs: 40, inProgressMs: 40 });
      const orderId = newOrderId();
      const paymentKey = await own.sim.authorize(orderId, 10_000);
      await until(async () => (await own.api.find(orderId)).body.status === "EXPIRED", "the payment expires");
      const late = await own.api.confirm(paymentKey, orderId, 10_000);
      expect([late.status, late.body.code]).to.deep.equal([404, "NOT_FOUND_PAYMENT_SESSION"]);
    });

    it("expires a payment by hand", async () => {
      const orderId = newOrderId();
      await pg.sim.expire(await pg.sim.authorize(orderId, 10_000));
      expect((await pg.api.find(orderId)).body.status).to.equal("EXPIRED");
    });
  });

  describe("webhooks", () => {
    let shop: Awaited<ReturnType<typeof receiveWebhooks>>;
    let own: TestPg;

    const statusesOf = (orderId: string) =>
      shop.received.filter(({ body }) => body.data.orderId === orderId).map(({ body }) => body.data.status);

    it("announces each change, also when nobody asks", async () => {
      shop = await openShop();
      own = await start({ webhookUrl: shop.url, inProgressMs: 400 });
      const [paid, left] = [newOrderId(), newOrderId()];
      const paymentKey = await own.sim.authorize(paid, 10_000);
      await own.sim.authorize(left, 10_000);
      await own.api.confirm(paymentKey, paid, 10_000);
      await own.sim.cancel(paymentKey, 1_000);
      await until(() => statusesOf(paid).length === 3 && statusesOf(left).length === 2, "all have arrived");
      expect(statusesOf(paid)).to.have.members(["IN_PROGRESS", "DONE", "PARTIAL_CANCELED"]);
      expect(statusesOf(left)).to.have.members(["IN_PROGRESS", "EXPIRED"]);
      expect(shop.received[0]?.body.eventType).to.equal("PAYMENT_STATUS_CHANGED");
    });

    it("tries again until it is answered by 200", async () => {
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

    it("repeats, loses and resends as it is told", async () => {
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

  describe("books", () => {
    let dataDir: string;

    beforeEach(async () => {
      dataDir = await mkdtemp(join(tmpdir(), "pg-test-"));
    });
    afterEach(() => rm(dataDir, { recursive: true }));

    it("survive a restart, with payments, answers and unsent webhooks", async () => {
      const deaf = await openShop(...Array.from({ length: 10 }, () => 500));
      const first = await start({ dataDir, webhookUrl: deaf.url });
      const orderId = newOrderId();
      const paymentKey = await first.sim.authorize(orderId, 10_000);
      const confirmed = await first.api.confirm(paymentKey, orderId, 10_000, "confirm");
      const cancelled = await first.api.cancel(paymentKey, { cancelAmount: 1_000 }, "cancel");
      const books = await first.sim.books();
      await until(() => deaf.received.length === 3, "the webhooks have been refused");
      await first.stop();
      await deaf.stop();

      const shop = await openShop();
      const second = await start({ dataDir, webhookUrl: shop.url });
      expect(await second.sim.books()).to.deep.equal(books);
      expect(await second.api.confirm(paymentKey, orderId, 10_000, "confirm")).to.deep.equal(confirmed);
      expect(await second.api.cancel(paymentKey, { cancelAmount: 1_000 }, "cancel")).to.deep.equal(cancelled);
      expect((await second.api.find(orderId)).body).to.deep.equal(cancelled.body);
      expect((await second.api.cancel(paymentKey, {}, "rest")).body.status).to.equal("CANCELED");
      expect((await second.sim.books()).totals.net).to.equal(0);
      await until(() => shop.received.length === 4, "the unsent webhooks arrive");
    });

    it("survive being killed", async () => {
      const first = await spawnGateway(dataDir);
      const orderId = newOrderId();
      const sim = createPgSim(first.url);
      const body = JSON.stringify({
        paymentKey: await sim.authorize(orderId, 10_000),
        orderId,
        amount: 10_000,
      });
      const headers = { authorization: `Basic ${btoa(`${secretKey}:`)}`, "content-type": "application/json" };
      const confirmed = await fetch(`${first.url}/v1/payments/confirm`, { method: "POST", headers, body });
      await first.kill("SIGKILL");
      const second = await spawnGateway(dataDir);
      expect(confirmed.status).to.equal(200);
      expect((await createPgSim(second.url).books(orderId)).totals.captured).to.equal(10_000);
    });

    it("outlive a crash in the middle of a line", async () => {
      const first = await start({ dataDir });
      const orderId = newOrderId();
      await first.api.confirm(await first.sim.authorize(orderId, 10_000), orderId, 10_000);
      await first.stop();
      const path = join(dataDir, "pg.jsonl");
      await writeFile(path, `${await readFile(path, "utf8")}{"kind":"payment","rec`);

      const second = await start({ dataDir });
      await second.sim.authorize(newOrderId(), 10_000);
      const third = await start({ dataDir });
      expect((await third.sim.books()).totals.captured).to.equal(10_000);
    });
  });

  it("takes only small JSON on its own side", async () => {
    const path = `${pg.url}/sim/charges/${newOrderId()}/authorize`;
    const plain = await fetch(path, { method: "POST", body: JSON.stringify({ amount: 10_000 }) });
    expect(plain.status).to.equal(400);
    const headers = { "content-type": "application/json" };
    const unknown = await fetch(path, {
      method: "POST",
      headers,
      body: JSON.stringify({ amount: 10_000, x: 1 }),
    });
    expect(unknown.status).to.equal(400);
    expect((await fetch(`${pg.url}/nothing`)).status).to.equal(404);
  });
});

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
