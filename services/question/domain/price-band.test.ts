import { expect } from "chai";
import { priceBandOf, priceBandsBetween } from "./price-band.ts";

describe("bands of prices", () => {
  it("have prices with the same number of digits and the same first digit", () => {
    const prices = [100n, 199n, 200n, 999n, 1_000n, 1_999n, 9_999n, 10_000n, 999_999n, 1_000_000n];
    expect(prices.map(priceBandOf)).to.deep.equal([1, 1, 2, 9, 10, 10, 18, 19, 36, 37]);
  });

  it("cover a range of prices, also one that no question has", () => {
    expect(priceBandsBetween(0n, 199n)).to.deep.equal([1]);
    expect(priceBandsBetween(900n, 1_500n)).to.deep.equal([9, 10]);
    expect(priceBandsBetween(999_999n, 0n)).to.deep.equal([36, 37]);
    expect(priceBandsBetween(5_000n, 300n)).to.deep.equal([]);
    expect(priceBandsBetween(0n, 0n)).to.have.length(37);
    expect(priceBandsBetween(10n ** 15n, 0n)).to.deep.equal([37]);
  });
});
