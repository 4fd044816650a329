import { setTimeout as delay } from "node:timers/promises";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { purchaseRequest } from "../market/market.ts";
import type { Shopper } from "./shoppers.ts";
import { call, callMs, type Visit } from "./visit.ts";

const sendings = 3;
const retryMs = 300;

// What the PSP does to the first confirmation of a charge.
const failures = [
  { drop: "after" },
  { drop: "before" },
  { hang: "after" },
  { delayMs: 2000 },
  { error: { status: 500, code: "FAILED_INTERNAL_SYSTEM_PROCESSING" } },
  { chargeAfterMs: 2500, drop: "before" },
] as const;

/** Questions that users own and did not review. */
export const owned = new WeakMap<Shopper, bigint[]>();

/** Coupons that users have and did not use yet. */
const registered = new WeakMap<Shopper, bigint>();

export async function registerCoupon(visit: Visit): Promise<void> {
  const { shopper, couponCode: code } = visit;
  if (code !== undefined) {
    const { answer } = await call(visit, () =>
      shopper.coupons.registerCoupon({ code }, { timeoutMs: callMs }),
    );
    const { userCouponId } = answer?.coupon ?? {};
    if (userCouponId !== undefined) {
      registered.set(shopper, userCouponId);
    }
  }
}

/** Buys, and sends the request again while its answer is lost. */
export async function buy(visit: Visit): Promise<void> {
  const { random, shopper, questionIds, tally } = visit;
  const count = 1 + random.below(2);
  const chosen = new Set(Array.from({ length: count }, () => random.pick(questionIds)));
  const userCouponId = registered.get(shopper) ?? 0n;
  registered.delete(shopper);
  const lines = [...chosen].map((questionId, index) =>
    index === 0 ? { questionId, userCouponId } : { questionId },
  );
  const request = purchaseRequest(lines);
  for (let sending = 0; sending < sendings; sending++) {
    const { answer, reason, isOver } = await call(visit, () =>
      shopper.pay.purchaseQuestions(request, { timeoutMs: callMs }),
    );
    const { purchaseId, state } = answer?.purchase ?? {};
    if (purchaseId !== undefined && state === PurchaseState.PAID) {
      tally.paid.add(purchaseId);
      owned.set(shopper, [...(owned.get(shopper) ?? []), ...chosen]);
    }
    if (reason === "NOT_ENOUGH_POINT") {
      return charge(visit);
    }
    if (isOver && state !== PurchaseState.PENDING) {
      return;
    }
    await delay(retryMs);
  }
}

/** Orders points, pays them at the PSP and confirms; then asks until the outcome is known, or gives up. */
export async function charge(visit: Visit): Promise<void> {
  const { shopper, sim, tally, random, pspFails } = visit;
  const ordered = await call(visit, () =>
    shopper.points.createCharge(
      { requestId: crypto.randomUUID(), package: ChargePackage.F },
      { timeoutMs: callMs },
    ),
  );
  const { chargeId, amountPoints } = ordered.answer?.charge ?? {};
  if (chargeId === undefined || amountPoints === undefined) {
    return;
  }
  if (pspFails && random.next() < 0.3) {
    await sim.script(chargeId, { confirm: [random.pick(failures)] });
  }
  const paymentKey = await sim.authorize(chargeId, Number(amountPoints));
  for (let sending = 0; sending < sendings; sending++) {
    const { answer, isOver } = await call(visit, () =>
      shopper.points.confirmCharge({ chargeId, paymentKey, amountPoints }, { timeoutMs: callMs }),
    );
    if (answer?.charge?.state === ChargeState.CHARGED) {
      tally.charged.add(chargeId);
    }
    if (isOver && answer?.charge?.state !== ChargeState.CONFIRMING) {
      return;
    }
    await delay(retryMs);
  }
}
