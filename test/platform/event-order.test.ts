import { randomUUID } from "node:crypto";
import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Database } from "#kit/data/database.ts";
import { reserve as reserveOnce } from "#kit/data/reservation.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { migrateService } from "#ops/migrate.ts";
import { holdUserCoupons } from "#services/coupon/db/user-coupons.ts";
import { purchaseCancelled } from "#services/coupon/subscribers/purchase-cancelled.ts";
import { questionsPurchased } from "#services/coupon/subscribers/questions-purchased.ts";
import { consumeOne } from "../support/events/consume-one.ts";
import type { EventRuntime } from "../support/events/runtime.ts";
import { sharedRuntime } from "../support/events/shared-runtime.ts";

const subscriptions = [
  subscribe(QuestionsPurchasedSchema, questionsPurchased),
  subscribe(PurchaseCancelledSchema, purchaseCancelled),
];

const steps = {
  paid: ["QuestionsPurchased", "QuestionsPurchased", "QuestionsPurchased"],
  cancelled: ["PurchaseCancelled", "PurchaseCancelled", "reserve", "reserve"],
} as const;

type Outcome = keyof typeof steps;

interface Step {
  readonly purchase: number;
  readonly step: (typeof steps)[Outcome][number];
}

/** Purchases with their outcomes, and everything that happens to them, repeatedly and in any order. */
const histories = fc
  .array(fc.constantFrom<Outcome>("paid", "cancelled"), { minLength: 1, maxLength: 4 })
  .chain(outcomes => {
    const all = outcomes.flatMap((outcome, purchase) =>
      steps[outcome].map((step): Step => ({ purchase, step })),
    );
    return fc.record({
      outcomes: fc.constant(outcomes),
      order: fc.shuffledSubarray(all, { minLength: all.length }),
      together: fc.integer({ min: 1, max: 4 }),
    });
  });

interface Purchase {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly userCouponId: bigint;
  readonly eventId: string;
}

describe("events in any order", () => {
  let runtime: EventRuntime;
  let coupon: Database;

  before(async () => {
    runtime = await sharedRuntime();
    coupon = runtime.database("coupon");
    await migrateService("coupon", runtime.env);
  });

  it("leave user coupons and reservations in the same state, even when repeated", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ outcomes, order, together }) => {
        const purchases = await Promise.all(outcomes.map(outcome => openPurchase(outcome)));
        for (let start = 0; start < order.length; start += together) {
          const now = order.slice(start, start + together);
          await Promise.all(now.map(({ purchase, step }) => take(step, purchases[purchase] as Purchase)));
        }
        for (const [index, outcome] of outcomes.entries()) {
          const { purchaseId, userCouponId, eventId } = purchases[index] as Purchase;
          const [row] = await coupon.query(
            `SELECT c.state AS coupon, r.state AS reservation,
                (SELECT COUNT(*) FROM inbox WHERE event_id = ?) AS handled
              FROM user_coupon c, reservation r WHERE c.user_coupon_id = ? AND r.reservation_id = ?`,
            [eventId, userCouponId, purchaseId],
          );
          expect(row).to.deep.equal(
            outcome === "paid"
              ? { coupon: "USED", reservation: "CONFIRMED", handled: 1n }
              : { coupon: "FREE", reservation: "RELEASED", handled: 1n },
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  /** A purchase with one coupon, which is reserved at once if the purchase will be paid. */
  async function openPurchase(outcome: Outcome): Promise<Purchase> {
    const purchaseId = randomUUID();
    const { insertId: couponId } = await coupon.execute(
      `INSERT INTO coupon (code, title, scope, kind, value, minimum_points, maximum_discount_points, target_question_id,
          target_creator_id, target_category_id, stackable, stock_count, start_time, end_time)
        VALUES (?, 'coupon', 'PURCHASE', 'FIXED', 1, 0, 0, 0, 0, 0, FALSE, 1, NOW(6), NOW(6) + INTERVAL 1 DAY)`,
      [purchaseId.slice(0, 32)],
    );
    const userId = couponId;
    const { insertId: userCouponId } = await coupon.execute(
      "INSERT INTO user_coupon (user_id, coupon_id, end_time) VALUES (?, ?, NOW())",
      [userId, couponId],
    );
    const purchase = { purchaseId, userId, userCouponId, eventId: randomUUID() };
    if (outcome === "paid") {
      await reserve(purchase);
    }
    return purchase;
  }

  async function take(step: Step["step"], purchase: Purchase): Promise<void> {
    if (step === "reserve") {
      await reserve(purchase).catch((error: unknown) => {
        if (!(error instanceof Failure) || error.message !== "RESERVATION_RELEASED") {
          throw error;
        }
      });
      return;
    }
    const subscription = subscriptions.find(each => each.event.name === step);
    if (subscription === undefined) {
      throw new Error(`coupon does not subscribe ${step}`);
    }
    const delivery = { eventId: purchase.eventId, body: bodyOf(step, purchase) };
    await consumeOne(subscription, `coupon-on-${step}`, delivery, coupon);
  }

  function reserve({ purchaseId, userId, userCouponId }: Purchase): Promise<void> {
    const content = String(userCouponId);
    return coupon.transaction(tx =>
      reserveOnce(tx, { id: purchaseId, userId, content }, async () => {
        expect(await holdUserCoupons(tx, userId, [userCouponId], purchaseId)).to.equal(1);
      }),
    );
  }
});

function bodyOf(step: string, { purchaseId, userId, userCouponId }: Purchase): string {
  if (step === "PurchaseCancelled") {
    const event = create(PurchaseCancelledSchema, { purchaseId, userId, reason: "REASON" });
    return toJsonString(PurchaseCancelledSchema, event);
  }
  const event = create(QuestionsPurchasedSchema, {
    purchaseId,
    userId,
    requestId: randomUUID(),
    lines: [{ questionId: 1n }],
    discounts: [{ userCouponId }],
    createTime: timestampNow(),
    payTime: timestampNow(),
  });
  return toJsonString(QuestionsPurchasedSchema, event);
}
