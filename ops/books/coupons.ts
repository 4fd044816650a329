import type { Check } from "./stores.ts";

/** No coupon was given out more often than there were pieces, and counters tell the truth. */
export const couponCheck: Check = {
  name: "I4  coupons and their stock",
  async *run({ databases: { coupon } }) {
    const wrong = await coupon.query<{
      coupon_id: bigint;
      issued_count: bigint;
      stock_count: bigint;
      pieces: bigint;
    }>(
      `SELECT c.coupon_id, c.issued_count, c.stock_count, COUNT(uc.user_coupon_id) AS pieces
         FROM coupon c LEFT JOIN user_coupon uc ON uc.coupon_id = c.coupon_id
        GROUP BY c.coupon_id HAVING pieces <> c.issued_count OR c.issued_count > c.stock_count LIMIT 100`,
    );
    for (const { coupon_id: id, issued_count: issued, stock_count: stock, pieces } of wrong) {
      yield `coupon ${id} counts ${issued} of ${stock} pieces, users have ${pieces}`;
    }
    const loose = await coupon.query<{ user_coupon_id: bigint; state: string }>(
      "SELECT user_coupon_id, state FROM user_coupon WHERE (state = 'FREE') <> (purchase_id IS NULL) LIMIT 100",
    );
    for (const { user_coupon_id: id, state } of loose) {
      yield `piece ${id} is ${state} and its purchase does not fit that`;
    }
  },
};
