import { expect } from "chai";
import fc from "fast-check";
import { MergeOutcome } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { Availability } from "#gen/questioncloud/question/v1/question_pb.ts";
import { capacityLines, planAdditions } from "./additions.ts";

const { AVAILABLE, UNAVAILABLE, OWNED, OWN_QUESTION } = Availability;
const ids = fc.bigInt({ min: 1n, max: 120n });
const carts = fc.uniqueArray(ids, { maxLength: capacityLines }).map(found => new Set(found));
const candidates = fc.uniqueArray(
  fc.record({
    questionId: ids,
    availability: fc.constantFrom(AVAILABLE, AVAILABLE, AVAILABLE, UNAVAILABLE, OWNED, OWN_QUESTION),
  }),
  { selector: ({ questionId }) => questionId, maxLength: capacityLines },
);

describe("what is added to a cart", () => {
  it("is what can be bought and is not in it, in order, until the cart is full", () => {
    fc.assert(
      fc.property(candidates, carts, (wanted, inCart) => {
        const additions = planAdditions(wanted, inCart);
        const fitting = wanted.filter(
          ({ questionId, availability }) => availability === AVAILABLE && !inCart.has(questionId),
        );
        const added = additions.filter(({ outcome }) => outcome === MergeOutcome.ADDED);
        expect(added.map(({ questionId }) => questionId)).to.deep.equal(
          fitting.slice(0, capacityLines - inCart.size).map(({ questionId }) => questionId),
        );
        const full = additions.filter(({ outcome }) => outcome === MergeOutcome.CART_FULL);
        expect(added.length + full.length).to.equal(fitting.length);
        expect(additions.map(({ questionId }) => questionId)).to.deep.equal(
          wanted.map(({ questionId }) => questionId),
        );
      }),
    );
  });

  it("is refused as unavailable first, then as in the cart, then as owned", () => {
    const outcomeOf = (availability: Availability, inCart: bigint[]) =>
      planAdditions([{ questionId: 1n, availability }], new Set(inCart))[0]?.outcome;
    expect(outcomeOf(UNAVAILABLE, [1n])).to.equal(MergeOutcome.UNAVAILABLE);
    expect(outcomeOf(OWNED, [1n])).to.equal(MergeOutcome.ALREADY_IN_CART);
    expect(outcomeOf(OWNED, [])).to.equal(MergeOutcome.OWNED);
    expect(outcomeOf(OWN_QUESTION, [])).to.equal(MergeOutcome.OWN_QUESTION);
  });
});
