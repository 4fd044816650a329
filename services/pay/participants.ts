import type { WorkContext } from "#kit/contract/context.ts";
import type { App, Clients } from "./app.ts";
import type { Purchase } from "./domain/purchase.ts";

/** A service that holds something for a purchase. Every method may be repeated. */
interface Participant {
  readonly name: string;
  readonly reserve: (purchase: Purchase, work: WorkContext) => Promise<unknown>;
  /** Absent where nothing that the buyer may do next depends on it; the event confirms. */
  readonly confirm?: (purchase: Purchase, work: WorkContext) => Promise<unknown>;
  readonly release: (purchase: Purchase, work: WorkContext) => Promise<unknown>;
}

/**
 * The participants of a purchase, in the order in which they reserve: points last, because the purchases of a user
 * compete for them.
 */
export function participantsOf({ clients }: Pick<App, "clients">, purchase: Purchase): Participant[] {
  return participants
    .filter(({ needed }) => needed(purchase))
    .map(participant => participant.connect(clients));
}

const participants: readonly {
  needed(purchase: Purchase): boolean;
  connect(clients: Clients): Participant;
}[] = [
  {
    needed: () => true,
    connect: ({ entitlements, entitlementReservations }) => ({
      name: "entitlements",
      reserve: ({ purchaseId, lines }, work) =>
        entitlements.reserveEntitlements({ purchaseId, lines: lines.map(toEntitlementLine) }, work),
      // The buyer opens the files at once.
      confirm: ({ purchaseId }, work) =>
        entitlementReservations.confirmReservation({ reservationId: purchaseId }, work),
      release: releaseBy(entitlementReservations),
    }),
  },
  {
    needed: ({ discounts }) => discounts.length > 0,
    connect: ({ coupons, couponReservations }) => ({
      name: "coupons",
      reserve: ({ purchaseId, discounts }, work) =>
        coupons.reserveCoupons(
          { purchaseId, userCouponIds: discounts.map(({ userCouponId }) => userCouponId) },
          work,
        ),
      release: releaseBy(couponReservations),
    }),
  },
  {
    needed: ({ amountPoints }) => amountPoints > 0n,
    connect: ({ wallet, pointReservations }) => ({
      name: "points",
      reserve: ({ purchaseId, amountPoints }, work) =>
        wallet.reservePoints({ purchaseId, amountPoints }, work),
      release: releaseBy(pointReservations),
    }),
  },
];

function releaseBy(reservations: Clients["pointReservations"]): Participant["release"] {
  return ({ purchaseId }, work) => reservations.releaseReservation({ reservationId: purchaseId }, work);
}

function toEntitlementLine({ questionId, version, originalPoints, promotionDiscountPoints }: Line) {
  return { questionId, version, offerPricePoints: originalPoints - promotionDiscountPoints };
}

type Line = Purchase["lines"][number];
