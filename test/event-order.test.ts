import { randomUUID } from "node:crypto";
import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "../gen/questioncloud/pay/v1/events_pb.ts";
import { consume } from "../kit/consumer.ts";
import type { Database } from "../kit/database.ts";
import { Failure } from "../kit/failure.ts";
import { reserveOnce } from "../kit/reservation.ts";
import { migrateService } from "../ops/migrate.ts";
import { hearings } from "../services/coupon/routes.ts";
import { holdUserCoupons } from "../services/coupon/store/user-coupons.ts";
import type { EventFloor } from "./support/events/floor.ts";
import { sharedFloor } from "./support/events/shared-floor.ts";

const steps = {
  paid: ["QuestionsPurchased", "QuestionsPurchased", "QuestionsPurchased"],
  cancelled: ["PurchaseCancelled", "PurchaseCancelled", "reserve", "reserve"],
} as const;

type Fate = keyof typeof steps;

interface Step {
  readonly purchase: number;
  readonly step: (typeof steps)[Fate][number];
}

/** Purchases with their fates, and everything that happens to them, several times and in any order. */
const histories = fc
  .array(fc.constantFrom<Fate>("paid", "cancelled"), { minLength: 1, maxLength: 4 })
  .chain(fates => {
    const all = fates.flatMap((fate, purchase) => steps[fate].map((step): Step => ({ purchase, step })));
    return fc.record({
      fates: fc.constant(fates),
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

describe("the order of events", function () {
  this.timeout(30_000);
  let floor: EventFloor;
  let coupon: Database;

  before(async () => {
    floor = await sharedFloor();
    coupon = floor.database("coupon");
    await migrateService("coupon", floor.env);
  });

  it("and their repetition change nothing in what coupons end as", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ fates, order, together }) => {
        const purchases = await Promise.all(fates.map(fate => openPurchase(fate)));
        for (let start = 0; start < order.length; start += together) {
          const now = order.slice(start, start + together);
          await Promise.all(now.map(({ purchase, step }) => take(step, purchases[purchase] as Purchase)));
        }
        for (const [index, fate] of fates.entries()) {
          const { purchaseId, userCouponId, eventId } = purchases[index] as Purchase;
          const [row] = await coupon.query(
            `SELECT c.state AS coupon, r.state AS reservation, (SELECT COUNT(*) FROM inbox WHERE event_id = ?) AS handled
              FROM user_coupon c, reservation r WHERE c.user_coupon_id = ? AND r.reservation_id = ?`,
            [eventId, userCouponId, purchaseId],
          );
          expect(row).to.deep.equal(
            fate === "paid"
              ? { coupon: "USED", reservation: "CONFIRMED", handled: 1n }
              : { coupon: "FREE", reservation: "RELEASED", handled: 1n },
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  /** A purchase with one coupon; what is paid later has it reserved at once. */
  async function openPurchase(fate: Fate): Promise<Purchase> {
    const purchaseId = randomUUID();
    const { insertId: couponId } = await coupon.execute(
      `INSERT INTO coupon (code, title, scope, kind, value, minimum_points, maximum_discount_points, target_question_id,
          target_creator_id, target_category_id, stackable, stock_count, start_time, end_time)
        VALUES (?, 'coupon', 'PURCHASE', 'FIXED', 1, 0, 0, 0, 0, 0, FALSE, 1, NOW(6), NOW(6) + INTERVAL 1 DAY)`,
      [purchaseId.slice(0, 32)],
    );
    const userId = couponId;
    const { insertId: userCouponId } = await coupon.execute(
      "INSERT INTO user_coupon (user_id, coupon_id) VALUES (?, ?)",
      [userId, couponId],
    );
    const purchase = { purchaseId, userId, userCouponId, eventId: randomUUID() };
    if (fate === "paid") {
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
    const hearing = hearings.find(each => each.event.name === step);
    if (hearing === undefined) {
      throw new Error(`coupon does not hear ${step}`);
    }
    await consume(hearing, `coupon-on-${step}`, purchase.eventId, bodyOf(step, purchase), coupon);
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
    quote: { discounts: [{ userCouponId }] },
    createTime: timestampNow(),
    payTime: timestampNow(),
  });
  return toJsonString(QuestionsPurchasedSchema, event);
}
