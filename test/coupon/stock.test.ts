import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { type CouponShop, createCouponShop } from "../support/market/coupons.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { createTokenUsers } from "../support/rpc/tokens.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("the stock of a coupon", () => {
  let stack: Stack;
  let shop: CouponShop;

  before(async () => {
    stack = await sharedStack();
    shop = createCouponShop(stack, (await signUpAdmin(stack)).token);
  });

  const newUsers = async (count: number) =>
    (await createTokenUsers(stack, count)).map(({ token }) =>
      createPublicClient(stack, CouponService, { token }),
    );

  // Undefined for each call that was answered.
  const reasonsOf = (calls: readonly Promise<unknown>[]) =>
    Promise.all(
      calls.map(call =>
        call.then(
          () => undefined,
          async (error: unknown) => (await refusalOf(Promise.reject(error))).reason,
        ),
      ),
    );

  it("is issued exactly, however many users race for it", async () => {
    const { code, couponId } = await shop.create({}, { stockCount: 50n });
    const users = await newUsers(200);
    const reasons = await reasonsOf(users.map(user => user.registerCoupon({ code })));
    expect(reasons.filter(reason => reason === undefined)).to.have.length(50);
    expect(reasons.filter(reason => reason === "LIMITED_COUPON")).to.have.length(150);
    expect((await shop.find(couponId))?.issuedCount).to.equal(50n);
  });

  it("issues one user coupon to a user who registers the code fifty times at once", async () => {
    const { code, couponId } = await shop.create({}, { stockCount: 10n });
    const [user] = await newUsers(1);
    const reasons = await reasonsOf(Array.from({ length: 50 }, async () => user?.registerCoupon({ code })));
    expect(reasons.filter(reason => reason === undefined)).to.have.length(1);
    expect(reasons.filter(reason => reason === "ALREADY_REGISTER_COUPON")).to.have.length(49);
    expect((await shop.find(couponId))?.issuedCount).to.equal(1n);
  });

  it("distinguishes a repeat by the user who got the last one from users who came too late, in parallel", async () => {
    const { code, couponId } = await shop.create({}, { stockCount: 1n });
    const [winner, loser] = await newUsers(2);
    await winner?.registerCoupon({ code });
    const ask = (user: typeof winner) =>
      Array.from({ length: 25 }, async () => user?.registerCoupon({ code }));
    const reasons = await reasonsOf([...ask(winner), ...ask(loser)]);
    expect(reasons).to.deep.equal([
      ...Array(25).fill("ALREADY_REGISTER_COUPON"),
      ...Array(25).fill("LIMITED_COUPON"),
    ]);
    expect((await shop.find(couponId))?.issuedCount).to.equal(1n);
  });
});
