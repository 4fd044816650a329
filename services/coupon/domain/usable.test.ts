import { expect } from "chai";
import fc from "fast-check";
import { Failure } from "#kit/contract/failure.ts";
import { type OwnedCoupon, requireUsable } from "./usable.ts";

const owned = (id: number, state: OwnedCoupon["state"] = "FREE", inPeriod = true): OwnedCoupon => ({
  userCouponId: BigInt(id),
  state,
  isInPeriod: inPeriod,
});

const causeOf = (userCoupons: readonly OwnedCoupon[], ids: readonly bigint[]) => {
  try {
    requireUsable(userCoupons, ids);
  } catch (error) {
    expect(error).to.be.instanceOf(Failure);
    return (error as Failure).metadata;
  }
  return undefined;
};

describe("usable coupons", () => {
  it("are returned in the order of the request", () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 101 });
    fc.assert(
      fc.property(ids, given => {
        const found = requireUsable(
          given.toSorted((a, b) => a - b).map(id => owned(id)),
          given.map(BigInt),
        );
        expect(found.map(({ userCouponId }) => userCouponId)).to.deep.equal(given.map(BigInt));
      }),
    );
  });

  const refused: [string, OwnedCoupon | undefined][] = [
    ["unknown", undefined],
    ["expired", owned(2, "FREE", false)],
    ["used", owned(2, "HELD")],
    ["used", owned(2, "USED")],
    // The period is checked before the state.
    ["expired", owned(2, "USED", false)],
  ];
  for (const [cause, second] of refused) {
    it(`are refused where one is ${cause}: ${second?.state ?? "none"}`, () => {
      const userCoupons = [owned(1), ...(second === undefined ? [] : [second]), owned(3, "USED")];
      expect(causeOf(userCoupons, [1n, 2n, 3n])).to.deep.equal({ user_coupon_id: "2", cause });
    });
  }
});
