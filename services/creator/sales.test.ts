import { expect } from "chai";
import fc from "fast-check";
import { salesByCreator } from "./sales.ts";

describe("the sales of a purchase", () => {
  it("count every line once, for one creator each, in the order of their ids", () => {
    const lines = fc.array(fc.record({ creatorId: fc.bigInt({ min: 1n, max: 9n }) }), { maxLength: 50 });
    fc.assert(
      fc.property(lines, sold => {
        const sales = salesByCreator(sold);
        for (const [creatorId, count] of sales) {
          expect(count).to.equal(sold.filter(line => line.creatorId === creatorId).length);
        }
        expect(sales.reduce((sum, [, count]) => sum + count, 0)).to.equal(sold.length);
        const ids = sales.map(([creatorId]) => creatorId);
        expect(ids).to.deep.equal([...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)));
      }),
    );
  });
});
