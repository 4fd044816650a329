import type { Database } from "#kit/data/database.ts";
import { describeRows, type Invariant, stateInvariant } from "#kit/data/invariants.ts";
import { reservationStates } from "#kit/data/reservation-facts.ts";
import { userCouponTransitions } from "./db/user-coupons.ts";
import type { UserCouponState } from "./domain/terms.ts";

const stock: Invariant = {
  name: "I4 coupons and their stock",
  async *check(database) {
    yield* describeRows<{ couponId: bigint; issuedCount: bigint; stockCount: bigint; owned: bigint }>(
      database,
      {
        sql: `SELECT c.coupon_id, c.issued_count, c.stock_count, COUNT(uc.user_coupon_id) AS owned
          FROM coupon c LEFT JOIN user_coupon uc ON uc.coupon_id = c.coupon_id
          GROUP BY c.coupon_id HAVING owned <> c.issued_count OR c.issued_count > c.stock_count`,
      },
      ({ couponId, issuedCount, stockCount, owned }) =>
        `coupon ${couponId} counts ${issuedCount} of ${stockCount} issued, users have ${owned}`,
    );
    yield* describeRows<{ userCouponId: bigint; state: string }>(
      database,
      {
        sql: "SELECT user_coupon_id, state FROM user_coupon WHERE (state = 'FREE') <> (purchase_id IS NULL)",
      },
      ({ userCouponId, state }) => `user coupon ${userCouponId} is ${state}, which its purchase contradicts`,
    );
  },
};

/** What always holds over the rows of coupon. */
export const invariants: readonly Invariant[] = [
  stock,
  stateInvariant({
    table: "user_coupon",
    id: "user_coupon_id",
    transitions: userCouponTransitions,
    setIn: { purchase_id: ["HELD", "USED"] },
  }),
  reservationStates,
];

/** A user coupon that a purchase holds or used. */
interface PurchaseCoupon {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly userCouponId: bigint;
  readonly state: UserCouponState;
}

/** The user coupons that purchases hold or used. */
export function readPurchaseCoupons(
  database: Database,
  purchaseIds: readonly string[],
): Promise<PurchaseCoupon[]> {
  return database.query(
    "SELECT purchase_id, user_id, user_coupon_id, state FROM user_coupon WHERE purchase_id IN (?)",
    [purchaseIds],
  );
}
