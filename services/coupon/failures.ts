import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

/** Why a coupon cannot be used, as `cause` in the metadata of WRONG_COUPON. */
type WrongCouponCause = "unknown" | "expired" | "used";

export const couponNotFound = () => new Failure(Reason.NOT_FOUND);
export const alreadyRegistered = () => new Failure(Reason.ALREADY_REGISTER_COUPON);
export const soldOut = () => new Failure(Reason.LIMITED_COUPON);
export const outsidePeriod = () => new Failure(Reason.EXPIRED_COUPON);
export const duplicateCode = () => new Failure(Reason.DUPLICATE_COUPON_CODE);
export const takenByAnotherPurchase = () => new Failure(Reason.FAIL_USE_COUPON);

export function wrongCoupon(userCouponId: bigint, cause: WrongCouponCause): Failure {
  return new Failure(Reason.WRONG_COUPON, { metadata: { user_coupon_id: userCouponId.toString(), cause } });
}
