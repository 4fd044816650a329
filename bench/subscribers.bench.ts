import { create, type DescMessage, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import { queueOf } from "#kit/contract/event.ts";
import type { Database } from "#kit/data/database.ts";
import { insertAll } from "#kit/data/sql.ts";
import { type BatchHandler, subscribe } from "#kit/events/consumer.ts";
import { questionsPurchased as cartPurchased } from "#services/cart/subscribers/questions-purchased.ts";
import { purchaseCancelled as couponCancelled } from "#services/coupon/subscribers/purchase-cancelled.ts";
import { questionsPurchased as couponPurchased } from "#services/coupon/subscribers/questions-purchased.ts";
import { purchaseCancelled as pointCancelled } from "#services/point/subscribers/purchase-cancelled.ts";
import { questionsPurchased as pointPurchased } from "#services/point/subscribers/questions-purchased.ts";
import { purchaseCancelled as questionCancelled } from "#services/question/subscribers/purchase-cancelled.ts";
import { questionsPurchased as questionPurchased } from "#services/question/subscribers/questions-purchased.ts";
import { createMailQueue } from "#services/user/mail/mail-queue.ts";
import { pointsCharged } from "#services/user/subscribers/points-charged.ts";
import { questionsPurchased as userPurchased } from "#services/user/subscribers/questions-purchased.ts";
import { loadRows } from "#test/support/data/load-rows.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";
import { openQueues, runConsumer } from "./open-queues.ts";
import { sale } from "./sale.ts";

// Events about purchases and charges to each of their subscribers, queue included: one transaction for each event 1.00,
// and by the consumer as it is. Every purchase has its reservation, by one of a thousand buyers. A subscriber by the
// name of its queue, or a part of it: `-- subscribers point-on`.
const chosen = process.argv[3] ?? "";
const events = 1000;
const buyers = 1000n;
const questions = 500;

interface Purchase {
  readonly purchaseId: string;
  readonly userId: bigint;
  /** Counts all purchases. */
  readonly number: bigint;
}

let purchases = 0n;

function newPurchase(): Purchase {
  purchases += 1n;
  return { purchaseId: uuidv7(), userId: (purchases % buyers) + 1n, number: purchases };
}

const purchased = ({ purchaseId, userId, number }: Purchase) =>
  sale({
    ...{ purchaseId, userId, amountPoints: 10n, discounts: [{ userCouponId: number }] },
    lines: [{ questionId: (number % BigInt(questions)) + 1n, version: 1, creatorId: 1n, title: "수학" }],
  });

const cancelled = ({ purchaseId, userId }: Purchase) =>
  toJsonString(
    PurchaseCancelledSchema,
    create(PurchaseCancelledSchema, { purchaseId, userId, reason: "PRICE_CHANGED" }),
  );

const charged = ({ purchaseId: chargeId, userId }: Purchase) =>
  toJsonString(
    PointsChargedSchema,
    create(PointsChargedSchema, { chargeId, userId, amountPoints: 5000n, chargeTime: timestampNow() }),
  );

/** What a service has before the event, and how its first rows get there. */
interface Held {
  prepare?(database: Database): Promise<void>;
  hold(database: Database, purchases: readonly Purchase[]): Promise<void>;
}

const reserve = (database: Database, all: readonly Purchase[], content: (purchase: Purchase) => string) =>
  insertAll(
    database,
    "reservation",
    all.map(each => ({
      reservationId: each.purchaseId,
      userId: each.userId,
      state: "RESERVED",
      content: content(each),
    })),
  );

const nothing: Held = { hold: async () => {} };

const points: Held = {
  async prepare(database) {
    await database.execute(
      "INSERT INTO wallet (user_id, paid_points, held_points) SELECT seq, 1000000, 1000000 FROM seq_1_to_1000",
    );
  },
  async hold(database, all) {
    await reserve(database, all, () => "10");
    const entries = all.flatMap(({ purchaseId: reference, userId }) => [
      { account: "PAID", counterAccount: "HELD", deltaPoints: -10n, reference, userId, type: "HOLD" },
      { account: "HELD", counterAccount: "PAID", deltaPoints: 10n, reference, userId, type: "HOLD" },
    ]);
    await insertAll(database, "ledger_entry", entries);
  },
};

const coupons: Held = {
  async hold(database, all) {
    await reserve(database, all, ({ number }) => number.toString());
    const { table, values } = { table: "coupon", values: { stock_count: "10" } };
    await loadRows(database, 1, { table, values: { ...values, code: `'${all[0]?.number}'` } });
    const [row] = await database.query<{ couponId: bigint }>(
      "SELECT MAX(coupon_id) AS coupon_id FROM coupon",
    );
    const couponId = row?.couponId ?? 0n;
    const rows = all.map(({ number: userCouponId, userId, purchaseId }) => ({
      ...{ userCouponId, userId, couponId, purchaseId, state: "HELD", endTime: new Date(2e12) },
    }));
    await insertAll(database, "user_coupon", rows);
  },
};

const entitlements: Held = {
  async prepare(database) {
    const id = { question_id: "seq" };
    await loadRows(database, questions, { table: "question", values: id });
    await loadRows(database, questions, {
      table: "question_version",
      values: { ...id, version: "1", files: "'{}'" },
    });
    await loadRows(database, questions, { table: "listing", values: id });
  },
  async hold(database, all) {
    await reserve(database, all, () => "");
    const rows = all.map(({ purchaseId, number }) => ({
      ...{
        purchaseId,
        userId: number,
        questionId: (number % BigInt(questions)) + 1n,
        version: 1,
        creatorId: 1n,
      },
      ...{ subject: 1, categoryId: 1n, type: 1, level: 1, pricePoints: 10n },
    }));
    await insertAll(database, "entitlement", rows);
  },
};

const queues = await openQueues();

async function measure<Desc extends DescMessage>(
  service: string,
  event: Desc,
  handler: BatchHandler<Desc>,
  { held, bodyOf }: { held: Held; bodyOf: (purchase: Purchase) => string },
): Promise<void> {
  const queue = queueOf(event, service);
  if (!queue.includes(chosen)) {
    return;
  }
  const { database, close } = await openServiceDatabase(service);
  const prepare = async () => {
    const all = Array.from({ length: events }, newPurchase);
    await held.hold(database, all);
    await queues.send(queue, all.map(bodyOf));
  };
  const singly = subscribe(event, (tx, each) => handler.handleAll(tx, [each]));
  const run = (subscription: ReturnType<typeof subscribe>) => () =>
    runConsumer(queues, database, subscription, service, events);
  try {
    await held.prepare?.(database);
    process.stdout.write(`${queue}\n`);
    await compare(
      "events",
      [
        { name: "  one transaction each", prepare, run: run(singly) },
        { name: "  as it is", prepare, run: run(subscribe(event, handler)) },
      ],
      3,
    );
  } finally {
    await close();
  }
}

const mails = createMailQueue(() => {});
const paid = { event: QuestionsPurchasedSchema, bodyOf: purchased };
try {
  await measure("point", paid.event, pointPurchased, { ...paid, held: points });
  await measure("point", PurchaseCancelledSchema, pointCancelled, { bodyOf: cancelled, held: points });
  await measure("coupon", paid.event, couponPurchased, { ...paid, held: coupons });
  await measure("coupon", PurchaseCancelledSchema, couponCancelled, { bodyOf: cancelled, held: coupons });
  await measure("question", paid.event, questionPurchased, { ...paid, held: entitlements });
  await measure("question", PurchaseCancelledSchema, questionCancelled, {
    bodyOf: cancelled,
    held: entitlements,
  });
  await measure("cart", paid.event, cartPurchased, { ...paid, held: nothing });
  await measure("user", paid.event, userPurchased({ mails }), { ...paid, held: nothing });
  await measure("user", PointsChargedSchema, pointsCharged({ mails }), { bodyOf: charged, held: nothing });
} finally {
  await queues.close();
}
