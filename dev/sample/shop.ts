import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { type ChargePackage, ChargeState, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { payAtPage } from "../demo/payment-page.ts";
import type { PublicApi } from "../demo/public-api.ts";
import { reasonOf } from "../demo/refusal.ts";
import { waitFor } from "../demo/wait.ts";
import { sampleId } from "./sample-id.ts";

/** What the first buyer does; questions by their keys, coupons by their codes. */
interface SampleBasket {
  readonly name: string;
  readonly lines: readonly {
    readonly questionKey: string;
    readonly coupon?: string;
    readonly stackable?: string;
  }[];
  readonly coupon?: string;
}

/** The purchases of the first buyer. */
export const sampleBaskets: readonly SampleBasket[] = [
  {
    name: "with coupons",
    lines: [
      { questionKey: "hayun-01" },
      { questionKey: "hayun-06", coupon: "ONE-500", stackable: "HAYUN-300" },
      { questionKey: "dohyun-05" },
    ],
    coupon: "WELCOME-1000",
  },
  { name: "of one question", lines: [{ questionKey: "seojun-03" }] },
];

/** What the first buyer has in the cart. */
export const sampleCart: readonly string[] = ["hayun-02", "dohyun-03", "seojun-04"];

/** Puts questions into the cart; those that are in it stay. */
export async function fillCart(api: PublicApi, token: string, questionIds: readonly bigint[]): Promise<void> {
  await api.client(CartService, token).mergeCart({ questionIds: [...questionIds] });
}

/** Orders points, pays at the payment page and confirms, unless that was done before. */
export async function chargeOnce(api: PublicApi, token: string, pack: ChargePackage): Promise<void> {
  const points = api.client(PointService, token);
  const request = { requestId: sampleId("charge"), package: pack };
  const { charge, checkout } = await points.createCharge(request);
  const chargeId = charge?.chargeId ?? "";
  if (charge?.state === ChargeState.ORDERED) {
    const { paymentKey, amountPoints } = await payAtPage(checkout?.url ?? "");
    await points.confirmCharge({ chargeId, paymentKey, amountPoints });
  }
  await waitFor("the sample charge", async () => {
    const answer = await points.getCharge({ chargeId });
    return answer.charge?.state === ChargeState.CHARGED ? answer : undefined;
  });
}

/**
 * Registers coupons by their codes; those that the caller has already are left alone. Returns the ids of the user
 * coupons by code.
 */
export async function registerCouponsOnce(
  api: PublicApi,
  token: string,
  codes: readonly string[],
): Promise<Map<string, bigint>> {
  const coupons = api.client(CouponService, token);
  const userCouponIds = new Map<string, bigint>();
  for (const code of codes) {
    try {
      const { coupon } = await coupons.registerCoupon({ code });
      userCouponIds.set(code, coupon?.userCouponId ?? 0n);
    } catch (error) {
      if (reasonOf(error) !== "ALREADY_REGISTER_COUPON") {
        throw error;
      }
    }
  }
  return userCouponIds;
}

/** Buys a basket, unless it was bought before. */
export async function buyOnce(
  api: PublicApi,
  token: string,
  { name, lines, coupon }: SampleBasket,
  find: { question(key: string): bigint; coupon(code: string): bigint },
): Promise<void> {
  const payments = api.client(PaymentService, token);
  const requestId = sampleId(`purchase ${name}`);
  if (await isBought(payments.getPurchase({ by: { case: "requestId", value: requestId } }))) {
    return;
  }
  const userCouponIdOf = (code: string | undefined) => (code === undefined ? 0n : find.coupon(code));
  const basket = {
    lines: lines.map(line => ({
      questionId: find.question(line.questionKey),
      userCouponId: userCouponIdOf(line.coupon),
      stackableUserCouponId: userCouponIdOf(line.stackable),
    })),
    purchaseUserCouponId: userCouponIdOf(coupon),
  };
  const { purchase } = await payments.purchaseQuestions({ requestId, basket, consentToImmediateUse: true });
  if (purchase?.state === PurchaseState.CANCELLED) {
    throw new Error(`The sample purchase ${name} was cancelled: ${purchase.cancelReason}.`);
  }
}

async function isBought(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (reasonOf(error) === "NOT_FOUND") {
      return false;
    }
    throw error;
  }
}
