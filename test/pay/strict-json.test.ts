import { expect } from "chai";
import { createMarket, type Market } from "../support/market/market.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("a purchase requested as JSON", () => {
  let market: Market;

  before(async () => {
    market = await createMarket(await sharedStack(), { questionCount: 1 });
  });

  const misspelled: readonly [string, string, Record<string, unknown>][] = [
    ["a field", "expectedAmountPoint", { expectedAmountPoint: "1" }],
    ["a field of a line", "userCouponsId", { basket: { lines: [{ questionId: "1", userCouponsId: "1" }] } }],
  ];
  for (const [what, field, more] of misspelled) {
    it(`buys nothing when ${what} is misspelled`, async () => {
      const buyer = await market.createBuyer(10_000n);
      const basket = { lines: market.questionIds.map(questionId => ({ questionId: String(questionId) })) };
      const url = `${market.stack.gatewayUrl}/questioncloud.pay.v1.PaymentService/PurchaseQuestions`;
      const response = await fetch(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${buyer.token}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          requestId: crypto.randomUUID(),
          basket,
          consentToImmediateUse: true,
          ...more,
        }),
      });
      expect(response.status).to.equal(400);
      const { code, details } = (await response.json()) as { code: string; details: { debug: object }[] };
      expect(code).to.equal("invalid_argument");
      expect(JSON.stringify(details.map(({ debug }) => debug))).to.include(`"field":"${field}"`);
      expect((await buyer.points.getWallet({})).wallet?.balancePoints).to.equal(10_000n);
    });
  }
});
