import type { Database } from "#kit/data/database.ts";
import { readReservationStates, readUnreleasedIds } from "#kit/data/reservation-facts.ts";
import { readPurchaseCoupons } from "#services/coupon/invariants.ts";
import { type EndedPurchase, readEndedPurchases, readPurchaseStates } from "#services/pay/invariants.ts";
import { readMovedPoints } from "#services/point/invariants.ts";
import { readEntitlements } from "#services/question/invariants.ts";
import type { Databases } from "../databases.ts";
import type { Join } from "./join.ts";

/** The participants of a purchase. */
const participants = ["question", "coupon", "point"] as const;

/**
 * Every paid purchase took its amount, granted its questions and used its coupons, once; every canceled one left
 * nothing behind.
 */
export const purchaseJoin: Join = {
  name: "I2 purchases and what they moved",
  services: ["pay", ...participants],
  config: {},
  async *check({ databases }, options) {
    const pay = databases.of("pay");
    for await (const page of readEndedPurchases(pay, options)) {
      if (page.length > 0) {
        yield* comparePage(databases, page);
      }
    }
    for (const participant of participants) {
      for await (const ids of readUnreleasedIds(databases.of(participant))) {
        yield* findOrphans(pay, participant, ids);
      }
    }
  },
};

/** The effects of a purchase on each participant, as sorted lists of strings. */
interface Moved {
  readonly entitlements: readonly string[];
  readonly coupons: readonly string[];
  readonly points: readonly string[];
  readonly reservations: readonly string[];
}

async function* comparePage(
  databases: Databases,
  purchases: readonly EndedPurchase[],
): AsyncIterable<string> {
  const found = await readMoved(
    databases,
    purchases.map(({ purchaseId }) => purchaseId),
  );
  for (const purchase of purchases) {
    const expected = expectedOf(purchase);
    for (const part of Object.keys(expected) as (keyof Moved)[]) {
      const actual = found[part].get(purchase.purchaseId)?.toSorted().join(", ") ?? "";
      const wanted = expected[part].toSorted().join(", ");
      if (actual !== wanted) {
        yield `${purchase.state} ${purchase.purchaseId}: ${part} are «${actual}», not «${wanted}»`;
      }
    }
  }
}

type PartsById = { readonly [Part in keyof Moved]: ReadonlyMap<string, readonly string[]> };

async function readMoved(databases: Databases, ids: readonly string[]): Promise<PartsById> {
  const entitlements = await readEntitlements(databases.of("question"), ids);
  const coupons = await readPurchaseCoupons(databases.of("coupon"), ids);
  const points = await readMovedPoints(databases.of("point"), ids);
  const reservations = await Promise.all(
    participants.map(async participant => {
      const states = await readReservationStates(databases.of(participant), ids);
      return [...states].map(([purchaseId, state]) => ({ purchaseId, text: `${participant} ${state}` }));
    }),
  );
  return {
    entitlements: byPurchase(entitlements, entitlementText),
    coupons: byPurchase(coupons, couponText),
    points: byPurchase(points, ({ userId, deltaPoints }) => `${deltaPoints} of user ${userId}`),
    reservations: byPurchase(reservations.flat(), ({ text }) => text),
  };
}

function expectedOf(purchase: EndedPurchase): Moved {
  const { userId, amountPoints, lines, userCouponIds } = purchase;
  if (purchase.state === "CANCELLED") {
    const reservations = participants.map(participant => `${participant} RELEASED`);
    return { entitlements: [], coupons: [], points: [], reservations };
  }
  return {
    entitlements: lines.map(line => entitlementText({ ...line, userId, state: "OWNED" })),
    coupons: userCouponIds.map(userCouponId => couponText({ userCouponId, userId, state: "USED" })),
    points: amountPoints === 0n ? [] : [`-${amountPoints} of user ${userId}`],
    reservations: [
      "question CONFIRMED",
      ...(userCouponIds.length === 0 ? [] : ["coupon CONFIRMED"]),
      ...(amountPoints === 0n ? [] : ["point CONFIRMED"]),
    ],
  };
}

function entitlementText(each: { questionId: bigint; version: number; userId: bigint; state: string }) {
  return `question ${each.questionId} v${each.version} ${each.state} by user ${each.userId}`;
}

function couponText(each: { userCouponId: bigint; userId: bigint; state: string }) {
  return `user coupon ${each.userCouponId} ${each.state} by user ${each.userId}`;
}

function byPurchase<Row extends { readonly purchaseId: string }>(
  rows: readonly Row[],
  describe: (row: Row) => string,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...Map.groupBy(rows, ({ purchaseId }) => purchaseId)].map(([id, of]) => [id, of.map(describe)]),
  );
}

async function* findOrphans(
  pay: Database,
  participant: string,
  ids: readonly string[],
): AsyncIterable<string> {
  const known = ids.length === 0 ? new Map() : await readPurchaseStates(pay, ids);
  for (const id of ids.filter(each => !known.has(each))) {
    yield `${participant} holds something for ${id}, which is no purchase`;
  }
}
