import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { newOrderId } from "../support/psp/psp.ts";
import { listed, openTossSuite } from "../support/psp/toss-suite.ts";

describe("Toss adapter, replies", () => {
  const suite = openTossSuite();
  const { connect, charged } = suite;

  describe("from a host that is not Toss", () => {
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
      expect(await connect({ apiUrl: url() }).find(newOrderId())).to.include({ cause: "malformed" });
      expect(reached).to.have.length(1);
    });

    it("stops reading an endless reply", async () => {
      reply = () => ({ status: 200, body: `{"a":"${"x".repeat(300_000)}"}` });
      expect(await connect({ apiUrl: url() }).find(newOrderId())).to.include({ cause: "malformed" });
    });

    it("requires status and body to agree", async () => {
      const request = await charged();
      const payment = (await suite.psp.api.find(request.chargeId)).body;
      for (const [status, body] of [
        [500, payment],
        [200, { code: "REJECT_CARD_PAYMENT", message: "" }],
        [200, { ...payment, status: "BRAND_NEW" }],
        [200, { ...payment, totalAmount: 10_000.5 }],
        [200, { ...payment, currency: "USD" }],
        [502, { error: "bad gateway" }],
      ] as const) {
        reply = () => ({ status, body: JSON.stringify(body) });
        expect(await connect({ apiUrl: url() }).confirm(request)).to.include({
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
      const rows = await listed(connect({ apiUrl: url() }), "2025-01-02");
      expect(rows).to.have.length(1_001);
      expect(rows.at(-1)).to.deep.include({
        kind: "cancel",
        amountPoints: 400n,
        at: new Date("2025-01-01T18:04:05Z"),
      });
      expect(reached).to.have.length(2);
    });

    it("names the rows of a list that it cannot read, and reads the others", async () => {
      const row = {
        ...{ transactionKey: "t1", paymentKey: "p", orderId: "order-1", status: "DONE" },
        ...{ transactionAt: "2025-01-02T03:04:05+09:00", currency: "KRW", amount: 1_000 },
      };
      const broken = [
        { ...row, amount: "1,000" },
        { ...row, currency: "USD" },
        { ...row, status: "BRAND_NEW" },
        { ...row, transactionAt: null },
        { ...row, orderId: "주문" },
        null,
        "row",
        [],
      ];
      reply = () => ({ status: 200, body: JSON.stringify([...broken, row]) });
      const rows = await listed(connect({ apiUrl: url() }), "2025-01-02");
      expect(rows.map(({ kind }) => kind)).to.deep.equal([...broken.map(() => "unreadable"), "capture"]);
      const references = rows.flatMap(each => (each.kind === "unreadable" ? [each.reference] : []));
      expect(references.slice(0, 4)).to.deep.equal(Array(4).fill("order-1"));
      expect(new Set(references.slice(4))).to.have.length(4);
      expect(references.every(reference => /^[ -~]{1,64}$/.test(reference))).to.equal(true);
    });

    it("goes on after a full page whose last row it cannot read", async () => {
      const row = {
        ...{ paymentKey: "p", orderId: "order-1", status: "DONE", currency: "KRW", amount: 1_000 },
        transactionAt: "2025-01-02T03:04:05+09:00",
      };
      const page = Array.from({ length: 1_000 }, (_, index) => ({ ...row, transactionKey: `t${index}` }));
      reply = path => ({
        status: 200,
        body: JSON.stringify(path.includes("startingAfter=t998") ? [null] : [...page.slice(0, 999), null]),
      });
      const rows = await listed(connect({ apiUrl: url() }), "2025-01-02");
      expect(rows.map(({ kind }) => kind).filter(kind => kind === "unreadable")).to.have.length(2);
      reply = () => ({ status: 200, body: JSON.stringify(Array(1_000).fill(null)) });
      const refusal = await listed(connect({ apiUrl: url() }), "2025-01-02").catch(String);
      expect(refusal).to.include("without a key");
    });

    it("reports unknown for a closed port", async () => {
      const answer = await connect({ apiUrl: "http://127.0.0.1:1" }).find(newOrderId());
      expect(answer).to.deep.equal({ outcome: "unknown", cause: "connection" });
    });

    it("are not waited for after a stop", async () => {
      const stop = new AbortController();
      const { chargeId } = await charged({ find: [{ hang: "before" }] });
      const asked = suite.toss.find(chargeId, stop.signal);
      stop.abort();
      expect(await asked).to.deep.equal({ outcome: "unknown", cause: "stopped" });
      expect(suite.logged()).to.deep.equal([]);
    });
  });
});
