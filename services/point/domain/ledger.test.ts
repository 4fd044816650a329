import { expect } from "chai";
import fc from "fast-check";
import {
  type Balance,
  changeOf,
  entriesOf,
  holdTransfers,
  reversed,
  type Transfer,
  totalOf,
} from "./ledger.ts";

const points = fc.bigInt({ min: 0n, max: 100_000_000n });
const balance = fc.record({ paidPoints: points, bonusPoints: points, heldPoints: points });
const account = fc.constantFrom("PAID", "BONUS", "HELD", "PSP_CLEARING", "SALES", "ADJUSTMENTS");
const transfer = fc
  .record({ from: account, to: account, amountPoints: fc.bigInt({ min: 1n, max: 100_000_000n }) })
  .filter(({ from, to }) => from !== to) as fc.Arbitrary<Transfer>;

describe("the ledger's rules", () => {
  it("write transfers whose sides sum to zero and name each other", () => {
    fc.assert(
      fc.property(fc.array(transfer, { maxLength: 5 }), transfers => {
        const entries = entriesOf(transfers);
        expect(entries.reduce((sum, { deltaPoints }) => sum + deltaPoints, 0n)).to.equal(0n);
        for (const [index, { account, counterAccount }] of entries.entries()) {
          const other = entries[index % 2 === 0 ? index + 1 : index - 1];
          expect([other?.counterAccount, other?.account]).to.deep.equal([account, counterAccount]);
        }
      }),
    );
  });

  it("refuse transfers of zero, of negative amounts, and to the same account", () => {
    const refused: Transfer[] = [
      { from: "PAID", to: "HELD", amountPoints: 0n },
      { from: "PAID", to: "HELD", amountPoints: -1n },
      { from: "PAID", to: "PAID", amountPoints: 1n },
    ];
    for (const each of refused) {
      expect(() => entriesOf([each])).to.throw(RangeError);
    }
  });

  it("hold exactly the requested amount, bonus first, and never more than available", () => {
    fc.assert(
      fc.property(balance, fc.bigInt({ min: 1n, max: 250_000_000n }), (before, amountPoints) => {
        const transfers = holdTransfers(before, amountPoints);
        const available = before.paidPoints + before.bonusPoints;
        expect(transfers === undefined).to.equal(amountPoints > available);
        if (transfers !== undefined) {
          const after = add(before, changeOf(transfers));
          expect(after.heldPoints - before.heldPoints).to.equal(amountPoints);
          expect(totalOf(after)).to.equal(totalOf(before));
          expect([after.paidPoints >= 0n, after.bonusPoints >= 0n]).to.deep.equal([true, true]);
          expect(after.paidPoints === before.paidPoints || after.bonusPoints === 0n).to.equal(true);
        }
      }),
    );
  });

  it("return held points to their accounts", () => {
    fc.assert(
      fc.property(balance, fc.bigInt({ min: 1n, max: 250_000_000n }), (before, amountPoints) => {
        const transfers = holdTransfers(before, amountPoints) ?? [];
        const after = add(add(before, changeOf(transfers)), changeOf(reversed(transfers)));
        expect(after).to.deep.equal(before);
      }),
    );
  });
});

function add(one: Balance, other: Balance): Balance {
  return {
    paidPoints: one.paidPoints + other.paidPoints,
    bonusPoints: one.bonusPoints + other.bonusPoints,
    heldPoints: one.heldPoints + other.heldPoints,
  };
}
