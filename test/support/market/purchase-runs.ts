import { type Purchase, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { reasonOf } from "../rpc/clients.ts";
import { until } from "../stack/until.ts";
import { type Buyer, type Market, wishFor } from "./market.ts";

type Wish = ReturnType<typeof wishFor>;

/** A buyer with points, and a wish that needs every participant: a question with a coupon. */
export async function createCustomer(market: Market, [questionId = 0n] = market.questionIds) {
  const buyer = await market.createBuyer(20_000n);
  const wish = wishFor([{ questionId, userCouponId: await market.giveCoupon(buyer) }]);
  return { buyer, wish };
}

/** Sends a wish as a client does that loses its answers: again and again until the purchase has ended. */
export function insist({ pay }: Buyer, wish: Wish, withinMs = 60_000): Promise<Purchase> {
  return patiently(async () => {
    const { purchase } = await pay.purchaseQuestions(wish);
    return purchase?.state === PurchaseState.PAID && purchase;
  }, withinMs);
}

/** Tries again where the mesh, or a part of it, is down; fails at once where it gives an answer that is a refusal. */
function patiently<T>(work: () => Promise<T | undefined | false>, withinMs = 60_000): Promise<T> {
  return until(
    () =>
      work().catch((error: unknown) => {
        if (!passingReasons.has(reasonOf(error))) {
          throw error;
        }
        return undefined;
      }),
    "all services are available again",
    { stuckMs: withinMs },
  );
}

// What a client may meet while the mesh is down, as opposed to an answer.
const passingReasons = new Set([
  undefined,
  "SERVICE_UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "INTERNAL_SERVER_ERROR",
  "IDEMPOTENCY_IN_PROGRESS",
]);

/** Waits until a purchase has ended, without wishing it again. */
export function ended({ pay }: Buyer, wish: Wish, withinMs = 30_000): Promise<Purchase> {
  const by = { case: "requestId", value: wish.requestId } as const;
  return patiently(async () => {
    const { purchase } = await pay.getPurchase({ by });
    return purchase?.state !== PurchaseState.PENDING && purchase;
  }, withinMs);
}
