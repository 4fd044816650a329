import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { CouponHoldService } from "#gen/questioncloud/coupon/v1/internal_coupon_hold_pb.ts";
import { ReservationService } from "#gen/questioncloud/reservation/v1/internal_reservation_pb.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { type CouponShop, createCouponShop } from "../support/market/coupons.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { createInternalClient, createPublicClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { createTokenUsers, type TokenUser } from "../support/rpc/tokens.ts";
import { holdLock } from "../support/stack/locks.ts";
import { participantStack } from "../support/stack/participant-stack.ts";

// Holds for purchases that were never made would violate the invariants of the shared stack.
describe("holding coupons for a purchase", () => {
  let stack: Stack;
  let shop: CouponShop;
  let holds: Awaited<ReturnType<typeof openHolds>>;
  let reservations: ServiceClient<typeof ReservationService> & { close(): void };

  const openHolds = (as: string) =>
    createInternalClient(stack, { service: CouponHoldService, callee: "coupon", as });
  const reasonFor = async (call: Promise<unknown>) => (await refusalOf(call)).reason;

  before(async () => {
    stack = await participantStack();
    shop = createCouponShop(stack, (await signUpAdmin(stack)).token);
    holds = await openHolds("pay");
    reservations = await createInternalClient(stack, {
      service: ReservationService,
      callee: "coupon",
      as: "pay",
    });
  });

  after(() => {
    holds?.close();
    reservations?.close();
  });

  // Undefined where the call is not refused.
  const causeOf = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      async (error: unknown) => (await refusalOf(Promise.reject(error))).metadata.cause,
    );

  async function userWith(count: number) {
    const [user] = (await createTokenUsers(stack, 1)) as [TokenUser];
    const coupons = createPublicClient(stack, CouponService, { token: user.token });
    const ids: bigint[] = [];
    for (let index = 0; index < count; index++) {
      const { code } = await shop.create();
      ids.push((await coupons.registerCoupon({ code })).coupon?.userCouponId ?? 0n);
    }
    const asUser = () => onBehalfOf(user.userId);
    return {
      user,
      ids,
      terms: (...userCouponIds: bigint[]) => holds.getCouponTerms({ userCouponIds }, asUser()),
      reserve: (purchaseId: string, ...userCouponIds: bigint[]) =>
        holds.reserveCoupons({ purchaseId, userCouponIds }, asUser()),
      confirm: (purchaseId: string) =>
        reservations.confirmReservation({ reservationId: purchaseId }, asUser()),
      release: (purchaseId: string) =>
        reservations.releaseReservation({ reservationId: purchaseId }, asUser()),
      listed: async () => (await coupons.listUserCoupons({})).coupons.map(coupon => coupon.userCouponId),
    };
  }

  it("returns the terms in the order of the request, to their owner alone", async () => {
    const { ids, terms } = await userWith(3);
    const reversed = ids.toReversed();
    expect((await terms(...reversed)).coupons.map(coupon => coupon.userCouponId)).to.deep.equal(reversed);
    const other = await userWith(0);
    const { reason, metadata } = await refusalOf(other.terms(...ids));
    expect({ reason, metadata }).to.deep.equal({
      reason: "WRONG_COUPON",
      metadata: { user_coupon_id: String(ids[0]), cause: "unknown" },
    });
  });

  it("reserves, confirms and releases once, however often it is called", async () => {
    const { ids, reserve, confirm, release, listed } = await userWith(3);
    const [first = 0n, second = 0n, third = 0n] = ids;
    const kept = uuidv7();
    const given = uuidv7();
    // A UUID in capitals is the same id, for services too.
    for (const id of [kept, kept.toUpperCase()]) {
      await reserve(id, first, second);
    }
    expect(await listed()).to.deep.equal([third]);
    for (const id of [kept.toUpperCase(), kept]) {
      await confirm(id);
    }
    await reserve(kept, first, second);
    expect(await reasonFor(release(kept))).to.equal("RESERVATION_CONFIRMED");
    expect(await listed()).to.deep.equal([third]);

    await reserve(given, third);
    for (let time = 0; time < 2; time++) {
      await release(given);
    }
    expect(await listed()).to.deep.equal([third]);
    expect(await reasonFor(reserve(given, third))).to.equal("RESERVATION_RELEASED");
    expect(await reasonFor(confirm(given))).to.equal("RESERVATION_RELEASED");
    await reserve(uuidv7(), third);
  });

  it("refuses a reserve after the release", async () => {
    const { ids, reserve, confirm, release, listed } = await userWith(1);
    const purchaseId = uuidv7();
    expect(await reasonFor(confirm(purchaseId))).to.equal("NOT_FOUND");
    await release(purchaseId);
    expect(await reasonFor(reserve(purchaseId, ...ids))).to.equal("RESERVATION_RELEASED");
    expect(await listed()).to.deep.equal(ids);
  });

  it("refuses a repeat with another content or another buyer", async () => {
    const { ids, reserve } = await userWith(2);
    const [first = 0n, second = 0n] = ids;
    const purchaseId = uuidv7();
    await reserve(purchaseId, first);
    expect(await reasonFor(reserve(purchaseId, second))).to.equal("RESERVATION_MISMATCH");
    expect(await reasonFor(reserve(purchaseId, first, second))).to.equal("RESERVATION_MISMATCH");
    const other = await userWith(1);
    expect(await reasonFor(other.reserve(purchaseId, first))).to.equal("RESERVATION_MISMATCH");
  });

  it("holds all or none", async () => {
    const { ids, reserve, listed } = await userWith(2);
    const [first = 0n, second = 0n] = ids;
    await reserve(uuidv7(), second);
    const { reason, metadata } = await refusalOf(reserve(uuidv7(), first, second));
    expect([reason, metadata.cause, metadata.user_coupon_id]).to.deep.equal([
      "WRONG_COUPON",
      "used",
      String(second),
    ]);
    expect(await listed()).to.deep.equal([first]);
    const other = await userWith(1);
    expect((await refusalOf(other.reserve(uuidv7(), ...other.ids, first))).metadata.cause).to.equal(
      "unknown",
    );
    expect(await other.listed()).to.deep.equal(other.ids);
  });

  it("gives one coupon to one of twenty purchases that want it at once", async () => {
    const { ids, reserve, release, listed } = await userWith(1);
    const purchases = Array.from({ length: 20 }, () => uuidv7());
    const results = await Promise.allSettled(purchases.map(purchaseId => reserve(purchaseId, ...ids)));
    const won = purchases.filter((_, index) => results[index]?.status === "fulfilled");
    expect(won).to.have.length(1);
    const reasons = await Promise.all(
      results.flatMap(each => (each.status === "rejected" ? [reasonFor(Promise.reject(each.reason))] : [])),
    );
    expect(reasons.every(reason => reason === "WRONG_COUPON" || reason === "FAIL_USE_COUPON")).to.equal(true);
    for (const purchaseId of purchases.filter(id => !won.includes(id))) {
      await release(purchaseId);
    }
    expect(await listed()).to.deep.equal([]);
    await release(won[0] ?? "");
    expect(await listed()).to.deep.equal(ids);
  });

  it("refuses a coupon that was taken between check and hold", async () => {
    const { ids, reserve, release } = await userWith(1);
    const lock = await holdLock(
      stack,
      "SELECT 1 FROM coupon.user_coupon WHERE user_coupon_id = ? FOR UPDATE",
      ids,
    );
    const purchases = [uuidv7(), uuidv7()];
    const calls = Promise.allSettled(purchases.map(purchaseId => reserve(purchaseId, ...ids)));
    await lock.waiters(2);
    await lock.release();
    const results = await calls;
    const refused = results.flatMap(each => (each.status === "rejected" ? [each.reason] : []));
    expect(refused).to.have.length(1);
    expect(await reasonFor(Promise.reject(refused[0]))).to.equal("FAIL_USE_COUPON");
    await Promise.all(purchases.map(release));
  });

  it("has one outcome where reserve and release of one purchase race", async () => {
    const { ids, reserve, release, listed } = await userWith(1);
    for (let round = 0; round < 10; round++) {
      const purchaseId = uuidv7();
      await Promise.allSettled([
        reserve(purchaseId, ...ids),
        release(purchaseId),
        reserve(purchaseId, ...ids),
      ]);
      expect(await listed()).to.deep.equal(ids);
    }
  });

  it("keeps a held user coupon when the coupon ends, and does not hold one that has ended", async () => {
    const { ids, reserve, confirm, terms } = await userWith(2);
    const [held = 0n, late = 0n] = ids;
    const purchaseId = uuidv7();
    await reserve(purchaseId, held);
    await end(ids);
    expect(await causeOf(terms(late))).to.equal("expired");
    expect((await refusalOf(reserve(uuidv7(), late))).metadata.cause).to.equal("expired");
    await reserve(purchaseId, held);
    await confirm(purchaseId);
  });

  /** Lets coupons end now, as time does. */
  async function end(userCouponIds: readonly bigint[]): Promise<void> {
    const sql = await connectAdmin(stack.mariadb.url);
    await sql.query(
      `UPDATE coupon.user_coupon u JOIN coupon.coupon c ON c.coupon_id = u.coupon_id
        SET u.end_time = NOW(6), c.end_time = NOW(6) WHERE u.user_coupon_id IN (?)`,
      [userCouponIds],
    );
    await sql.end();
  }
});
