import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { release } from "#kit/data/reservation.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { deliver } from "#kit/events/deliver.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { post } from "#services/point/db/ledger.ts";
import { lockWallet } from "#services/point/db/wallets.ts";
import { ledgerInvariant } from "#services/point/ledger-invariant.ts";
import { pointReservations } from "#services/point/point-reservations.ts";
import { reservePoints } from "#services/point/rpc/reserve-points.ts";
import { purchaseCancelled } from "#services/point/subscribers/purchase-cancelled.ts";
import { questionsPurchased } from "#services/point/subscribers/questions-purchased.ts";
import { callContextOf } from "../support/component/call-context.ts";
import { componentEnvironment } from "../support/component/component.ts";

/**
 * How a purchase ends: paid or cancelled, paid though its reservation was lost with a restored database, or paid by an
 * event that is wrong, because its points were released.
 */
type End = "paid" | "cancelled" | "lost" | "wrong";

interface Plan {
  readonly end: End;
  /** The place of its buyer. */
  readonly buyer: number;
  readonly amountPoints: bigint;
}

const buyers = 3;
// Points are held from bonus points first. One who buys what gets lost has none, so that the order does not matter.
const givenPoints = (buyer: number) => (buyer === 0 ? { PAID: 9_000n } : { PAID: 5_000n, BONUS: 600n });

const plans = fc.array(
  fc.record({
    end: fc.constantFrom<End>("paid", "paid", "cancelled", "lost", "wrong"),
    buyer: fc.integer({ min: 1, max: buyers - 1 }),
    amountPoints: fc.bigInt({ min: 1n, max: 500n }),
  }),
  { minLength: 1, maxLength: 12 },
);

const histories = plans
  .map(all => all.map((plan): Plan => (plan.end === "lost" ? { ...plan, buyer: 0 } : plan)))
  .chain(all => {
    const deliveries = all.flatMap((_, place) => [place, place, place]);
    return fc.record({
      purchases: fc.constant(all),
      order: fc.shuffledSubarray(deliveries, { minLength: all.length }),
      cuts: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
    });
  });

interface Purchase extends Plan {
  readonly purchaseId: string;
  readonly userId: bigint;
  readonly eventId: string;
}

describe("points of purchases that end together", () => {
  let database: Database;
  let lastUser = 0n;
  const runtime = { service: "point", log: createLog("point", "silent"), metrics: createMetrics("point") };
  const subscriptions = {
    purchased: subscribe(QuestionsPurchasedSchema, questionsPurchased),
    cancelled: subscribe(PurchaseCancelledSchema, purchaseCancelled),
  };

  before(async () => {
    const env = await componentEnvironment("point");
    database = createDatabase({ url: env.POINT_DATABASE_URL ?? "", poolSize: 20 });
  });
  after(() => database?.close());

  it("are the same as one by one: repeated, in any order and with events that are wrong", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ purchases, order, cuts }) => {
        const [together, singly] = [await open(purchases), await open(purchases)];
        const waiting = [...order, ...purchases.keys()].map(place => together[place] as Purchase);
        for (let cut = 0; waiting.length > 0; cut += 1) {
          const [one, other] = [0, 1].map(() => waiting.splice(0, cuts[cut % cuts.length]));
          await Promise.all([deliverTogether(one ?? []), deliverTogether(other ?? [])]);
        }
        for (const purchase of singly) {
          expect(await deliverTogether([purchase])).to.equal(purchase.end === "wrong" ? 0 : 1);
        }
        expect(await stateOf(together)).to.deep.equal(await stateOf(singly));
      }),
      { numRuns: 25 },
    );
    await requireBalanced();
  });

  it("stay exact while others hold the same points, without deadlocks", async () => {
    const users = await Promise.all(
      Array.from({ length: 8 }, () => openUser({ PAID: 40_000n, BONUS: 300n })),
    );
    const plan = (place: number): Plan => ({
      ...{ end: place % 4 === 0 ? "cancelled" : "paid", buyer: place % users.length },
      amountPoints: BigInt(1 + (place % 90)),
    });
    const all = Array.from({ length: 400 }, (_, place) => newPurchase(plan(place), users[place % 8] ?? 0n));
    await inParallel(16, all, reserve);
    const before = await deadlocks();
    const later = Array.from({ length: 400 }, (_, place) => newPurchase(plan(place), users[place % 8] ?? 0n));
    const batches = [0, 50, 100, 150, 200, 250, 300].map(start => all.slice(start, start + 100));
    await Promise.all([inParallel(4, batches, deliverTogether), inParallel(16, later, reserve)]);
    expect(await deadlocks()).to.equal(before);
    const [row] = await database.query<{ held: bigint }>(
      "SELECT CAST(SUM(held_points) AS SIGNED) AS held FROM wallet WHERE user_id IN (?)",
      [users],
    );
    expect(row?.held).to.equal(later.reduce((sum, { amountPoints }) => sum + amountPoints, 0n));
    await requireBalanced();
  });

  async function open(purchases: readonly Plan[]): Promise<Purchase[]> {
    const users = await Promise.all(
      Array.from({ length: buyers }, (_, buyer) => openUser(givenPoints(buyer))),
    );
    const opened = purchases.map(plan => newPurchase(plan, users[plan.buyer] ?? 0n));
    for (const purchase of opened.filter(({ end }) => end !== "lost")) {
      await reserve(purchase);
    }
    const wrong = opened
      .filter(({ end }) => end === "wrong")
      .map(({ purchaseId: id, userId }) => ({ id, userId }));
    await database.transaction(tx => release(tx, wrong, pointReservations));
    return opened;
  }

  function newPurchase(plan: Plan, userId: bigint): Purchase {
    return { ...plan, userId, purchaseId: uuidv7(), eventId: crypto.randomUUID() };
  }

  async function openUser(given: { PAID: bigint; BONUS?: bigint }): Promise<bigint> {
    const userId = ++lastUser;
    const transfers = (["PAID", "BONUS"] as const).flatMap(to => {
      const amountPoints = given[to];
      return amountPoints === undefined ? [] : [{ from: "ADJUSTMENTS" as const, to, amountPoints }];
    });
    await database.transaction(async tx => {
      await lockWallet(tx, userId);
      expect(await post(tx, { type: "ADJUSTMENT", reference: uuidv7(), userId, transfers })).to.equal(true);
    });
    return userId;
  }

  async function reserve({ purchaseId, amountPoints, userId }: Purchase): Promise<void> {
    const request = { purchaseId, amountPoints } as Parameters<ReturnType<typeof reservePoints>>[0];
    await reservePoints({ database })(request, callContextOf(userId));
  }

  /** Delivers the events of purchases, those of each queue together. Returns how many were handled. */
  async function deliverTogether(purchases: readonly Purchase[]): Promise<number> {
    const cancelled = purchases.filter(({ end }) => end === "cancelled").map(toCancelled);
    const purchased = purchases.filter(({ end }) => end !== "cancelled").map(toPurchased);
    const options = { ...runtime, database };
    const handled = await Promise.all([
      deliver(subscriptions.cancelled, "point-on-purchase-cancelled", cancelled, options),
      deliver(subscriptions.purchased, "point-on-questions-purchased", purchased, options),
    ]);
    return handled.flat().length;
  }

  /** What is stored of purchases and their buyers, without ids. */
  async function stateOf(purchases: readonly Purchase[]) {
    const ids = purchases.map(({ purchaseId }) => purchaseId);
    const users = [...new Set(purchases.map(({ userId }) => userId))].toSorted((a, b) => Number(a - b));
    return {
      wallets: await database.query(
        "SELECT paid_points, bonus_points, held_points FROM wallet WHERE user_id IN (?) ORDER BY user_id",
        [users],
      ),
      reservations: await database.query(
        "SELECT state, content FROM reservation WHERE reservation_id IN (?) ORDER BY reservation_id",
        [ids],
      ),
      entries: await database.query(
        `SELECT type, account, counter_account, delta_points, user_id IS NULL AS ours FROM ledger_entry
          WHERE reference IN (?) ORDER BY reference, type, account, counter_account`,
        [ids],
      ),
    };
  }

  async function requireBalanced(): Promise<void> {
    const violations: string[] = [];
    for await (const violation of ledgerInvariant.check(database, { graceSeconds: 0 })) {
      violations.push(violation);
    }
    expect(violations).to.deep.equal([]);
  }

  async function deadlocks(): Promise<number> {
    const [row] = await database.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
    return Number(row?.Value);
  }
});

async function inParallel<T>(workers: number, all: readonly T[], work: (each: T) => Promise<unknown>) {
  const waiting = [...all];
  const worker = async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      await work(each);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

function toPurchased({ purchaseId, userId, amountPoints, eventId }: Purchase) {
  const event = create(QuestionsPurchasedSchema, {
    ...{ purchaseId, userId, amountPoints, requestId: crypto.randomUUID(), lines: [{ questionId: 1n }] },
    ...{ createTime: timestampNow(), payTime: timestampNow() },
  });
  return messageOf(eventId, toJsonString(QuestionsPurchasedSchema, event));
}

function toCancelled({ purchaseId, userId, eventId }: Purchase) {
  const event = create(PurchaseCancelledSchema, { purchaseId, userId, reason: "REASON" });
  return messageOf(eventId, toJsonString(PurchaseCancelledSchema, event));
}

function messageOf(eventId: string, Body: string) {
  return { Body, MessageAttributes: { event_id: { DataType: "String", StringValue: eventId } } };
}
