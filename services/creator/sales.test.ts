import { expect } from "chai";
import fc from "fast-check";
import { copiesByCreator } from "./sales.ts";

describe("the sales of a purchase", () => {
  it("count every line once, for one creator each", () => {
    const lines = fc.array(fc.record({ creatorId: fc.bigInt({ min: 1n, max: 9n }) }), { maxLength: 50 });
    fc.assert(
      fc.property(lines, sold => {
        const copies = copiesByCreator(sold);
        for (const [creatorId, count] of copies) {
          expect(count).to.equal(sold.filter(line => line.creatorId === creatorId).length);
        }
        expect([...copies.values()].reduce((sum, count) => sum + count, 0)).to.equal(sold.length);
      }),
    );
  });
});
