import { expect } from "chai";
import fc from "fast-check";
import { Availability } from "#gen/questioncloud/question/v1/question_pb.ts";
import { Failure, reasonName } from "#kit/contract/failure.ts";
import { availabilityOf, type Offer, offerPricePoints, requireAsQuoted, requireSellable } from "./offer.ts";

const prices = fc.bigInt({ min: 100n, max: 1_000_000n });
const salePrices = fc.option(prices);
const offers: fc.Arbitrary<Offer> = fc.record({
  questionId: fc.bigInt({ min: 1n, max: 5n }),
  version: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom("DRAFT", "PUBLISHED", "DELETED"),
  creatorUserId: fc.bigInt({ min: 1n, max: 3n }),
  pricePoints: prices,
  salePricePoints: salePrices,
  entitlement: fc.constantFrom(null, "RESERVED", "OWNED"),
});
const distinctOffers = fc.uniqueArray(offers, { selector: offer => offer.questionId, maxLength: 5 });
const users = fc.bigInt({ min: 1n, max: 3n });

describe("an offer", () => {
  it("costs the lower of list price and sale price", () => {
    fc.assert(
      fc.property(prices, salePrices, (pricePoints, salePricePoints) => {
        const price = offerPricePoints({ pricePoints, salePricePoints });
        expect(price <= pricePoints).to.equal(true);
        expect(price === pricePoints || price === salePricePoints).to.equal(true);
      }),
    );
  });

  it("is sold exactly when all are on sale, by others, and not owned", () => {
    fc.assert(
      fc.property(
        distinctOffers,
        fc.uniqueArray(fc.bigInt({ min: 1n, max: 5n })),
        users,
        (known, ids, userId) => {
          const sellable = ids.every(id =>
            known.some(
              offer =>
                offer.questionId === id &&
                offer.state === "PUBLISHED" &&
                offer.creatorUserId !== userId &&
                offer.entitlement !== "OWNED",
            ),
          );
          const refused = reasonOf(() => {
            expect(requireSellable(known, ids, userId).map(offer => offer.questionId)).to.deep.equal(ids);
          });
          expect(refused === undefined).to.equal(sellable);
        },
      ),
    );
  });

  it("is available exactly when it alone is sold", () => {
    fc.assert(
      fc.property(offers, users, (offer, userId) => {
        const refused = reasonOf(() => requireSellable([offer], [offer.questionId], userId));
        expect(availabilityOf(offer, userId) === Availability.AVAILABLE).to.equal(refused === undefined);
        expect(availabilityOf(undefined, userId)).to.equal(Availability.UNAVAILABLE);
      }),
    );
  });

  it("is held exactly when it is sold as quoted and no other purchase holds it", () => {
    fc.assert(
      fc.property(
        offers,
        users,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (offer, userId, version, same) => {
          const offerPrice = offerPricePoints(offer) + (same ? 0n : 1n);
          const line = { questionId: offer.questionId, version, offerPricePoints: offerPrice };
          const reason = reasonOf(() => requireAsQuoted([offer], [line], userId));
          const unsellable = reasonOf(() => requireSellable([offer], [offer.questionId], userId));
          const changed = version !== offer.version || !same ? "QUESTION_CHANGED" : undefined;
          const held = offer.entitlement === "RESERVED" ? "PURCHASE_IN_PROGRESS" : undefined;
          expect(reason).to.equal(unsellable ?? changed ?? held);
        },
      ),
    );
  });
});

function reasonOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) {
      expect(error.metadata.question_id).to.match(/^\d+$/);
      return reasonName(error.reason);
    }
    throw error;
  }
}
