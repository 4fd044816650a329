import { type Purchase, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { reasonOf } from "../rpc/clients.ts";
import { until } from "../stack/until.ts";
import { type Buyer, type Market, purchaseRequest } from "./market.ts";

type PurchaseRequest = ReturnType<typeof purchaseRequest>;

/** A buyer with points, and a request that needs every participant: a question with a coupon. */
export async function createCustomer(market: Market, [questionId = 0n] = market.questionIds) {
  const buyer = await market.createBuyer(20_000n);
  const request = purchaseRequest([{ questionId, userCouponId: await market.giveCoupon(buyer) }]);
  return { buyer, request };
}

/** Sends a request like a client that loses the answers: repeatedly, until the purchase is paid. */
export function insist({ pay }: Buyer, request: PurchaseRequest, withinMs = 60_000): Promise<Purchase> {
  return retryWhileUnavailable(async () => {
    const { purchase } = await pay.purchaseQuestions(request);
    return purchase?.state === PurchaseState.PAID && purchase;
  }, withinMs);
}

/** Tries again while a service is unavailable; fails at once on any other refusal. */
function retryWhileUnavailable<T>(work: () => Promise<T | undefined | false>, withinMs = 60_000): Promise<T> {
  return until(
    () =>
      work().catch((error: unknown) => {
        if (!isTransient(reasonOf(error))) {
          throw error;
        }
        return undefined;
      }),
    "all services are available again",
    { stuckMs: withinMs },
  );
}

// What a client may meet while services are down, as opposed to an answer.
const transientReasons = new Set([
  undefined,
  "SERVICE_UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "INTERNAL_SERVER_ERROR",
  "IDEMPOTENCY_IN_PROGRESS",
]);

/** A buyer's wallet once the events of paid purchases have arrived, and none holds points any more. */
export function walletAfterEvents({ points }: Buyer) {
  return until(async () => {
    const { wallet } = await points.getWallet({});
    return wallet?.heldPoints === 0n && wallet;
  }, "no purchase holds points");
}

/** True for a reason that may pass when the call is made again. */
export function isTransient(reason: string | undefined): boolean {
  return transientReasons.has(reason);
}

/** Waits until a purchase has ended, without sending its request again. */
export function ended({ pay }: Buyer, request: PurchaseRequest, withinMs = 30_000): Promise<Purchase> {
  const by = { case: "requestId", value: request.requestId } as const;
  return retryWhileUnavailable(async () => {
    const { purchase } = await pay.getPurchase({ by });
    return purchase?.state !== PurchaseState.PENDING && purchase;
  }, withinMs);
}
