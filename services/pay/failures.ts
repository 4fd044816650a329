import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure, reasonNamed } from "#kit/contract/failure.ts";
import type { Purchase } from "./domain/purchase.ts";

/** Why a coupon does not fit, as `cause` in the metadata of WRONG_COUPON. */
type CouponMisfit = "type" | "target" | "minimum" | "stacking" | "repeated" | "no_discount";

export const purchaseNotFound = () => new Failure(Reason.NOT_FOUND);
export const requestIdReused = () => new Failure(Reason.IDEMPOTENCY_KEY_REUSED);
export const consentRequired = () => new Failure(Reason.CONSENT_REQUIRED);
export const timedOut = () => new Failure(Reason.PURCHASE_TIMED_OUT);

export function stillRunning(purchaseId: string): Failure {
  return new Failure(Reason.IDEMPOTENCY_IN_PROGRESS, {
    metadata: { purchase_id: purchaseId },
    retryAfterMs: 1000,
  });
}

export function wrongCoupon(userCouponId: bigint, cause: CouponMisfit): Failure {
  return new Failure(Reason.WRONG_COUPON, { metadata: { user_coupon_id: userCouponId.toString(), cause } });
}

export function priceChanged(amountPoints: bigint): Failure {
  return new Failure(Reason.PRICE_CHANGED, { metadata: { amount_points: amountPoints.toString() } });
}

/** The stored refusal for which a purchase was canceled. */
export function cancelledPurchase({ purchaseId, cancelReason, cancelMetadata }: Purchase): Failure {
  const reason = reasonNamed(cancelReason ?? "") ?? Reason.PURCHASE_TIMED_OUT;
  return new Failure(reason, { metadata: { ...cancelMetadata, purchase_id: purchaseId } });
}
