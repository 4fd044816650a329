import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Step } from "../dev/pg/script.ts";
import type { Pg, PgAnswer, PgTransaction } from "../services/point/pg/pg.ts";
import { createTossPg } from "../services/point/pg/toss.ts";
import { tossAnswers } from "../services/point/pg/toss-answers.ts";
import { newOrderId, secretKey, startTestPg, until } from "./support/pg.ts";

interface LogLine {
  level: "warn" | "error";
  fields: object;
}

describe("Toss adapter", function () {
  this.timeout(20_000);
  let pg: Awaited<ReturnType<typeof startTestPg>>;
  let toss: Pg;
  let log: LogLine[] = [];

  function connect(options: { baseUrl?: string; secretKey?: string; timeoutMs?: number } = {}): Pg {
    const to = (level: LogLine["level"]) => (fields: object) => void log.push({ level, fields });
    return createTossPg({
      baseUrl: pg.url,
      secretKey,
      timeoutMs: 2_000,
      log: { warn: to("warn"), error: to("error") },
      ...options,
    });
  }

  before(async () => {
    pg = await startTestPg();
    toss = connect();
  });
  after(() => pg.stop());
  beforeEach(() => {
    log = [];
  });

  async function authorised(script: { confirm?: Step[]; find?: Step[]; cancel?: Step[] } = {}) {
    const chargeId = newOrderId();
    const paymentKey = await pg.sim.authorize(chargeId, 10_000);
    await pg.sim.script(chargeId, script);
    return { chargeId, paymentKey, amountPoints: 10_000n, idempotencyKey: `${chargeId}-1` };
  }

  async function charged(script: { find?: Step[]; cancel?: Step[] } = {}) {
    const request = await authorised();
    expect((await toss.confirm(request)).outcome).to.equal("succeeded");
    await pg.sim.script(request.chargeId, script);
    return request;
  }

  const capturedOf = async (chargeId: string) => (await pg.sim.books(chargeId)).totals.captured;
  const errors = () => log.filter(line => line.level === "error");

  describe("find", () => {
    it("tells unknown charges from open, done, reversed, failed and expired ones", async () => {
      const request = await authorised();
      expect(await toss.find(newOrderId())).to.deep.equal({ outcome: "notYet" });
      expect(await toss.find(request.chargeId)).to.include({ outcome: "notYet" });
      await toss.confirm(request);
      const done = await toss.find(request.chargeId);
      expect(done).to.have.nested.property("payment.status", "captured");
      expect(done).to.have.nested.property("payment.amountPoints", 10_000n);
      await pg.sim.cancel(request.paymentKey, 4_000);
      const partly = await toss.find(request.chargeId);
      expect(partly).to.include({ outcome: "reversed" });
      expect(partly).to.have.nested.property("payment.balancePoints", 6_000n);
      await pg.sim.cancel(request.paymentKey);
      expect(await toss.find(request.chargeId)).to.have.nested.property("payment.status", "cancelled");

      const left = await authorised();
      await pg.sim.expire(left.paymentKey);
      expect(await toss.find(left.chargeId)).to.include({ outcome: "declined", code: "EXPIRED_PAYMENT" });
    });

    it("believes no answer about another charge", async () => {
      const { chargeId } = await charged({ find: [{ orderId: "somebodyElse" }] });
      expect(await toss.find(chargeId)).to.deep.equal({ outcome: "unknown", cause: "mismatch" });
      expect(errors()).to.have.length(1);
    });

    it("takes no error for an absence", async () => {
      const steps = ["PROVIDER_ERROR", "NOT_FOUND", "NOT_FOUND_PAYMENT_SESSION", "REJECT_CARD_PAYMENT"].map(
        code => ({
          error: { status: 404, code, message: "" },
        }),
      );
      const { chargeId } = await charged({ find: steps });
      for (const { error } of steps) {
        expect(await toss.find(chargeId)).to.include({ outcome: "unknown", code: error.code });
      }
      expect((await toss.find(chargeId)).outcome).to.equal("succeeded");
    });
  });

  describe("confirm", () => {
    it("captures, and repeats the answer", async () => {
      const request = await authorised();
      const first = await toss.confirm(request);
      expect(first.outcome).to.equal("succeeded");
      expect(await toss.confirm(request)).to.deep.equal(first);
      expect(await capturedOf(request.chargeId)).to.equal(10_000);
    });

    it("means by each code what the table says, whatever the HTTP status", async () => {
      for (const [code, meaning] of tossAnswers) {
        for (const status of [400, 500]) {
          const request = await authorised({
            confirm: [{ error: { status, code, message: "거절" }, abort: false }],
          });
          const answer = await toss.confirm(request);
          const expected = {
            declined: { outcome: "declined", code },
            temporary: { outcome: "unknown", cause: "temporary", code },
            refused: { outcome: "unknown", cause: "refused", code },
            query: code.startsWith("ALREADY_")
              ? { outcome: "unknown", cause: "temporary", code }
              : { outcome: "notYet" },
          }[meaning];
          expect(answer, `${code} under ${status}`).to.include(expected);
          expect(errors().length > 0, code).to.equal(meaning === "refused");
          log = [];
        }
      }
    });

    it("takes a code that is not in the table for unknown, and says so", async () => {
      const request = await authorised({
        confirm: [{ error: { status: 403, code: "BRAND_NEW", message: "" } }],
      });
      expect(await toss.confirm(request)).to.deep.equal({
        outcome: "unknown",
        cause: "temporary",
        code: "BRAND_NEW",
      });
      expect(errors()).to.have.length(1);
    });

    it("asks when the charge was made before, and gets the truth", async () => {
      const done = await charged();
      expect((await toss.confirm({ ...done, idempotencyKey: "again" })).outcome).to.equal("succeeded");
      await pg.sim.cancel(done.paymentKey, 1_000);
      expect((await toss.confirm({ ...done, idempotencyKey: "thrice" })).outcome).to.equal("reversed");
      const declined = await authorised({
        confirm: [{ error: { status: 403, code: "REJECT_CARD_PAYMENT", message: "" } }],
      });
      expect(await toss.confirm(declined)).to.include({ outcome: "declined", code: "REJECT_CARD_PAYMENT" });
      const again = await toss.confirm({ ...declined, idempotencyKey: "again2" });
      expect(again).to.include({ outcome: "declined", code: "REJECT_CARD_PAYMENT" });
      const left = await authorised();
      await pg.sim.expire(left.paymentKey);
      expect(await toss.confirm(left)).to.include({ outcome: "declined", code: "EXPIRED_PAYMENT" });
    });

    it("declines by the gateway's word when the buyer's card is refused", async () => {
      const chargeId = newOrderId();
      const paymentKey = await pg.sim.authorize(chargeId, 10_000, "declinedCard");
      const answer = await toss.confirm({
        chargeId,
        paymentKey,
        amountPoints: 10_000n,
        idempotencyKey: chargeId,
      });
      expect(answer).to.include({ outcome: "declined", code: "REJECT_CARD_PAYMENT" });
    });

    it("has no yes while a deposit is awaited", async () => {
      const chargeId = newOrderId();
      const paymentKey = await pg.sim.authorize(chargeId, 10_000, "virtualAccount");
      const answer = await toss.confirm({
        chargeId,
        paymentKey,
        amountPoints: 10_000n,
        idempotencyKey: chargeId,
      });
      expect(answer).to.include({ outcome: "notYet" });
    });

    const lost: [string, Step, PgAnswer, number][] = [
      ["dropped before the charge", { drop: "before" }, { outcome: "unknown", cause: "connection" }, 0],
      ["dropped after the charge", { drop: "after" }, { outcome: "unknown", cause: "connection" }, 10_000],
      ["never given, without the charge", { hang: "before" }, { outcome: "unknown", cause: "timeout" }, 0],
      ["never given, after the charge", { hang: "after" }, { outcome: "unknown", cause: "timeout" }, 10_000],
      ["given too late", { delayMs: 400 }, { outcome: "unknown", cause: "timeout" }, 10_000],
      ["no JSON", { garbage: true }, { outcome: "unknown", cause: "malformed" }, 10_000],
      ["about another amount", { amount: 1 }, { outcome: "unknown", cause: "mismatch" }, 10_000],
      [
        "about another charge",
        { orderId: "somebodyElse" },
        { outcome: "unknown", cause: "mismatch" },
        10_000,
      ],
      [
        "an error although the charge was made",
        { error: { status: 500, code: "FAILED_INTERNAL_SYSTEM_PROCESSING", message: "" }, charge: true },
        { outcome: "unknown", cause: "temporary", code: "FAILED_INTERNAL_SYSTEM_PROCESSING" },
        10_000,
      ],
    ];
    for (const [name, step, expected, amount] of lost) {
      it(`knows nothing from an answer that is ${name}; find does`, async () => {
        const request = await authorised({ confirm: [step] });
        const isTimeout = expected.outcome === "unknown" && expected.cause === "timeout";
        const answer = await connect({ timeoutMs: isTimeout ? 100 : 2_000 }).confirm(request);
        expect(answer).to.deep.equal(expected);
        await until(async () => (await capturedOf(request.chargeId)) === amount, "the books show it");
        expect((await toss.find(request.chargeId)).outcome).to.equal(amount > 0 ? "succeeded" : "notYet");
        if (
          expected.outcome === "unknown" &&
          ["connection", "timeout", "malformed"].includes(expected.cause)
        ) {
          const repeated = async () => (await toss.confirm(request)).outcome === "succeeded";
          await until(repeated, "the same key brings the answer");
          expect(await capturedOf(request.chargeId)).to.equal(10_000);
        }
      });
    }

    it("knows nothing while the charge comes late, and never makes a second", async () => {
      const request = await authorised({ confirm: [{ chargeAfterMs: 400, drop: "before" }] });
      expect(await toss.confirm(request)).to.include({ outcome: "unknown", cause: "connection" });
      expect(await toss.confirm(request)).to.include({ code: "IDEMPOTENT_REQUEST_PROCESSING" });
      const rival = await toss.confirm({ ...request, idempotencyKey: `${request.chargeId}-2` });
      expect(rival).to.include({ outcome: "unknown", cause: "temporary" });
      expect(await toss.find(request.chargeId)).to.have.nested.property("payment.status", "authorised");
      await until(
        async () => (await toss.find(request.chargeId)).outcome === "succeeded",
        "the charge is made",
      );
      expect((await toss.confirm(request)).outcome).to.equal("succeeded");
      expect(await capturedOf(request.chargeId)).to.equal(10_000);
    });

    it("mistakes no answer that came twice for the next one's", async () => {
      const request = await authorised({ confirm: [{ answerTwice: true }] });
      expect((await toss.confirm(request)).outcome).to.equal("succeeded");
      const others = await Promise.all([1, 2, 3, 4].map(() => toss.find(newOrderId())));
      for (const other of others) expect(other.outcome).to.be.oneOf(["notYet", "unknown"]);
    });

    it("refuses amounts that JSON cannot carry", async () => {
      const request = await authorised();
      for (const amountPoints of [0n, -1n, 2n ** 53n]) {
        const refusal = await toss.confirm({ ...request, amountPoints }).catch((error: unknown) => error);
        expect(refusal).to.be.instanceOf(RangeError);
      }
    });

    it("blames itself for a wrong key or amount", async () => {
      const request = await authorised();
      expect(await connect({ secretKey: "wrong" }).confirm(request)).to.include({ cause: "refused" });
      const wrong = await toss.confirm({ ...request, amountPoints: 9_999n });
      expect(wrong).to.include({ cause: "refused", code: "FORBIDDEN_REQUEST" });
      expect(errors()).to.have.length(2);
      expect(JSON.stringify(log)).not.to.include(secretKey);
    });
  });

  describe("cancel", () => {
    const part = (paymentKey: string, key: string, amountPoints = 4_000n) => ({
      paymentKey,
      amountPoints,
      reason: "고객 변심",
      idempotencyKey: key,
    });

    it("gives back a part, once for one key", async () => {
      const { chargeId, paymentKey } = await charged();
      const first = await toss.cancel(part(paymentKey, `${chargeId}-c1`));
      expect(first).to.have.nested.property("payment.balancePoints", 6_000n);
      expect(await toss.cancel(part(paymentKey, `${chargeId}-c1`))).to.deep.equal(first);
      const second = await toss.cancel(part(paymentKey, `${chargeId}-c2`));
      expect(second).to.have.nested.property("payment.balancePoints", 2_000n);
      const third = await toss.cancel(part(paymentKey, `${chargeId}-c3`));
      expect(third).to.include({ outcome: "declined", code: "NOT_CANCELABLE_AMOUNT" });
      expect((await pg.sim.books(chargeId)).totals.cancelled).to.equal(8_000);
    });

    it("loses against a balance that has changed", async () => {
      const { chargeId, paymentKey } = await charged();
      await pg.sim.cancel(paymentKey, 1_000);
      const answer = await toss.cancel({ ...part(paymentKey, chargeId), expectedBalancePoints: 10_000n });
      expect(answer).to.include({ outcome: "declined", code: "NOT_MATCHES_REFUNDABLE_AMOUNT" });
    });

    it("answers with the payment when all was given back before", async () => {
      const { chargeId, paymentKey } = await charged();
      await pg.sim.cancel(paymentKey);
      const answer = await toss.cancel(part(paymentKey, chargeId));
      expect(answer).to.include({ outcome: "reversed" });
      expect(answer).to.have.nested.property("payment.balancePoints", 0n);
    });

    it("knows nothing when the answer is lost, and learns it by the same key", async () => {
      const { chargeId, paymentKey } = await charged({ cancel: [{ drop: "after" }] });
      expect(await toss.cancel(part(paymentKey, chargeId))).to.include({ cause: "connection" });
      expect((await toss.cancel(part(paymentKey, chargeId))).outcome).to.equal("succeeded");
      expect((await pg.sim.books(chargeId)).totals.cancelled).to.equal(4_000);
    });
  });

  it("lists a day's transactions", async () => {
    const { chargeId, paymentKey } = await charged();
    await toss.cancel({ paymentKey, amountPoints: 1_500n, reason: "환불", idempotencyKey: chargeId });
    const day = (await pg.api.find(chargeId)).body.approvedAt.slice(0, 10);
    const rows = (await listed(toss, day)).filter(row => row.chargeId === chargeId);
    expect(rows.map(({ kind, amountPoints }) => [kind, amountPoints])).to.deep.equal([
      ["capture", 10_000n],
      ["cancel", 1_500n],
    ]);
    const refusal = await listed(connect({ secretKey: "wrong" }), day).catch(String);
    expect(refusal).to.include("UNAUTHORIZED_KEY");
  });

  it("takes from a webhook the charge and nothing else", () => {
    const read = (body: unknown) =>
      toss.verifyWebhook({}, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
    const chargeId = newOrderId();
    const data = { orderId: chargeId, status: "DONE", totalAmount: 1 };
    expect(read({ eventType: "PAYMENT_STATUS_CHANGED", createdAt: "x", data })).to.deep.equal({ chargeId });
    expect(
      read({ createdAt: "x", secret: "s", status: "DONE", transactionKey: "t", orderId: chargeId }),
    ).to.deep.equal({
      chargeId,
    });
    for (const body of [
      "",
      "null",
      "[]",
      { eventType: "PAYOUT_STATUS_CHANGED", data },
      { data },
      { eventType: "PAYMENT_STATUS_CHANGED", data: { orderId: "a b'; --" } },
      " ".repeat(70_000),
    ]) {
      expect(read(body)).to.equal(undefined);
    }
  });

  describe("against a host that is no gateway", () => {
    let server: Server;
    let reply: (path: string) => { status: number; headers?: Record<string, string>; body: string };
    let reached: string[] = [];

    before(async () => {
      server = createServer((request, response) => {
        const path = request.url ?? "";
        reached.push(path);
        const { status, headers, body } = reply(path);
        response.writeHead(status, headers).end(body);
      });
      await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    it("follows no redirect", async () => {
      reached = [];
      reply = () => ({ status: 302, headers: { location: `${url()}/elsewhere` }, body: "{}" });
      expect(await connect({ baseUrl: url() }).find(newOrderId())).to.include({ cause: "malformed" });
      expect(reached).to.have.length(1);
    });

    it("reads no endless reply", async () => {
      reply = () => ({ status: 200, body: `{"a":"${"x".repeat(300_000)}"}` });
      expect(await connect({ baseUrl: url() }).find(newOrderId())).to.include({ cause: "malformed" });
    });

    it("wants status and body to agree", async () => {
      const request = await charged();
      const payment = (await pg.api.find(request.chargeId)).body;
      for (const [status, body] of [
        [500, payment],
        [200, { code: "REJECT_CARD_PAYMENT", message: "" }],
        [200, { ...payment, status: "BRAND_NEW" }],
        [200, { ...payment, totalAmount: 10_000.5 }],
        [200, { ...payment, currency: "USD" }],
        [502, { error: "bad gateway" }],
      ] as const) {
        reply = () => ({ status, body: JSON.stringify(body) });
        expect(await connect({ baseUrl: url() }).confirm(request)).to.include({
          outcome: "unknown",
          cause: "malformed",
        });
      }
    });

    it("follows a list of transactions to its end", async () => {
      const row = {
        paymentKey: "p",
        orderId: "order-1",
        status: "DONE",
        transactionAt: "2025-01-02T03:04:05+09:00",
        currency: "KRW",
        amount: 1_000,
      };
      const page = Array.from({ length: 1_000 }, (_, index) => ({ ...row, transactionKey: `t${index}` }));
      const last = [
        { ...row, transactionKey: "u0", status: "PARTIAL_CANCELED", amount: -400 },
        { ...row, transactionKey: "u1", status: "WAITING_FOR_DEPOSIT" },
      ];
      reached = [];
      reply = path => ({
        status: 200,
        body: JSON.stringify(path.includes("startingAfter=t999") ? last : page),
      });
      const rows = await listed(connect({ baseUrl: url() }), "2025-01-02");
      expect(rows).to.have.length(1_001);
      expect(rows.at(-1)).to.deep.include({
        kind: "cancel",
        amountPoints: 400n,
        at: new Date("2025-01-01T18:04:05Z"),
      });
      expect(reached).to.have.length(2);
    });

    it("knows nothing from a closed port", async () => {
      const answer = await connect({ baseUrl: "http://127.0.0.1:1" }).find(newOrderId());
      expect(answer).to.deep.equal({ outcome: "unknown", cause: "connection" });
    });
  });
});

async function listed(toss: Pg, day: string): Promise<PgTransaction[]> {
  const rows: PgTransaction[] = [];
  for await (const row of toss.listTransactions(day)) rows.push(row);
  return rows;
}
