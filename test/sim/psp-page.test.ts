import { expect } from "chai";
import { clientKey, newOrderId, shopOrigin } from "../support/psp/psp.ts";
import { openPspSuite } from "../support/psp/psp-suite.ts";

describe("PSP simulator, page", () => {
  const suite = openPspSuite();

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
      return fetch(`${suite.psp.url}/pay?${new URLSearchParams({ ...query, ...changes })}`);
    }

    async function submit(page: string, action: string, method = "card") {
      const paymentKey = /name="paymentKey" value="([^"]+)"/.exec(page)?.[1] ?? "";
      const body = new URLSearchParams({ paymentKey, action, method });
      return fetch(`${suite.psp.url}/pay`, { method: "POST", body, redirect: "manual" });
    }

    it("sends a buyer who pays back to the shop, which can then confirm the payment", async () => {
      const orderId = newOrderId();
      const page = await (await open({ orderId })).text();
      expect(page).to.include("10,000원");
      expect((await suite.psp.api.find(orderId)).body.status).to.equal("READY");

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

      expect((await suite.psp.api.find(orderId)).body).to.include({
        status: "IN_PROGRESS",
        method: "간편결제",
      });
      const confirmed = await suite.psp.api.confirm(paymentKey, orderId, 10_000);
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
      expect((await suite.psp.api.find(orderId)).body.status).to.equal("ABORTED");
    });

    it("redirects to the shop only", async () => {
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

    it("escapes the text of an order", async () => {
      const page = await (await open({ orderName: `<script>alert("x")</script>'&` })).text();
      expect(page).to.include("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;");
      expect(page).not.to.include("<script");
    });

    it("lets a card be declined at the confirm", async () => {
      const orderId = newOrderId();
      const sent = await submit(await (await open({ orderId })).text(), "pay", "declinedCard");
      const paymentKey = new URL(sent.headers.get("location") ?? "").searchParams.get("paymentKey") ?? "";
      const refused = await suite.psp.api.confirm(paymentKey, orderId, 10_000);
      expect(refused.status).to.equal(403);
      expect(refused.body.code).to.equal("REJECT_CARD_PAYMENT");
      const { status, failure } = (await suite.psp.api.find(orderId)).body;
      expect({ status, code: failure.code }).to.deep.equal({
        status: "ABORTED",
        code: "REJECT_CARD_PAYMENT",
      });
    });
  });
});
