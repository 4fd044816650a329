/** The terms of a coupon as stored; the contract's CouponTerms. */
export interface CouponTerms {
  readonly title: string;
  readonly scope: "LINE" | "PURCHASE";
  readonly kind: "FIXED" | "PERCENT";
  readonly value: bigint;
  readonly minimumPoints: bigint;
  /** 0 for no cap. */
  readonly maximumDiscountPoints: bigint;
  /** 0 for any. */
  readonly targetQuestionId: bigint;
  readonly targetCreatorId: bigint;
  readonly targetCategoryId: bigint;
  readonly stackable: boolean;
}

export type UserCouponState = "FREE" | "HELD" | "USED";
