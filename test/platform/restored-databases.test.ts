import { randomUUID } from "node:crypto";
import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { type BatchHandler, type EventHandler, subscribe } from "#kit/events/consumer.ts";
import { questionsPurchased as useCoupons } from "#services/coupon/subscribers/questions-purchased.ts";
import { questionsPurchased as spendPoints } from "#services/point/subscribers/questions-purchased.ts";
import { questionsPurchased as grantQuestions } from "#services/question/subscribers/questions-purchased.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { consumeOne } from "../support/events/consume-one.ts";

const userId = 7n;

/** What a participant had before a purchase that its restored database does not know, and what it must have after. */
interface Participant {
  readonly service: string;
  readonly handler:
    | EventHandler<typeof QuestionsPurchasedSchema>
    | BatchHandler<typeof QuestionsPurchasedSchema>;
  readonly before: readonly string[];
  readonly read: string;
  readonly after: readonly object[];
}

const participants: readonly Participant[] = [
  {
    service: "question",
    handler: grantQuestions,
    before: [
      "INSERT INTO creator VALUES (3, 4, 'name', '', 1, FALSE)",
      `INSERT INTO question
          (question_id, creator_id, request_id, title, subject, category_id, type, level, price_points)
        VALUES (11, 3, UUID(), 'title', 1, 5, 1, 1, 10000)`,
      "INSERT INTO question_version VALUES (11, 2, 'title', '', 1, 5, 1, 1, 10000, '{}', '', NOW())",
    ],
    read: "SELECT question_id, version, state, own_time IS NOT NULL AS owned FROM entitlement",
    after: [{ questionId: 11n, version: 2, state: "OWNED", owned: 1 }],
  },
  {
    service: "coupon",
    handler: useCoupons,
    before: [
      `INSERT INTO coupon VALUES (1, 'CODE', 'title', 'LINE', 'FIXED', 1000, 0, 0, 0, 0, 0, FALSE, 10, 1, NOW(), NOW(),
        NOW())`,
      "INSERT INTO user_coupon (user_coupon_id, user_id, coupon_id, end_time) VALUES (21, 7, 1, NOW())",
    ],
    read: "SELECT user_coupon_id, state FROM user_coupon",
    after: [{ userCouponId: 21n, state: "USED" }],
  },
  {
    service: "point",
    handler: spendPoints,
    before: ["INSERT INTO wallet (user_id, paid_points, bonus_points) VALUES (7, 9000, 1000)"],
    read: "SELECT paid_points, bonus_points, held_points FROM wallet",
    after: [{ paidPoints: 2000n, bonusPoints: 0n, heldPoints: 0n }],
  },
];

function purchase() {
  return create(QuestionsPurchasedSchema, {
    purchaseId: randomUUID(),
    userId,
    requestId: randomUUID(),
    lines: [
      { questionId: 11n, version: 2, creatorId: 3n, originalPoints: 10_000n, promotionDiscountPoints: 1000n },
    ],
    discounts: [{ userCouponId: 21n, discountPoints: 1000n }],
    originalPoints: 10_000n,
    amountPoints: 8000n,
    createTime: timestampNow(),
    payTime: timestampNow(),
  });
}

describe("a database that was restored to a point before a purchase", () => {
  for (const { service, handler, before: rows, read, after: expected } of participants) {
    it(`of ${service} gets from the events what it had, once`, async () => {
      const env = await componentEnvironment(service);
      const database = createDatabase({
        url: env[`${service.toUpperCase()}_DATABASE_URL`] ?? "",
        poolSize: 3,
      });
      try {
        for (const row of rows) {
          await database.execute(row);
        }
        const body = toJsonString(QuestionsPurchasedSchema, purchase());
        const deliver = (eventId: string, on: Database) =>
          consumeOne(
            subscribe(QuestionsPurchasedSchema, handler),
            `${service}-on-questions-purchased`,
            { eventId, body },
            on,
          );
        for (const eventId of [randomUUID(), randomUUID()]) {
          expect(await deliver(eventId, database)).to.equal("done");
          expect(await database.query(read)).to.deep.equal(expected);
        }
        const reservations = await database.query("SELECT user_id, state FROM reservation");
        expect(reservations).to.deep.equal([{ userId, state: "CONFIRMED" }]);
      } finally {
        await database.close();
      }
    });
  }
});
