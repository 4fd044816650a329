import type { WorkContext } from "#kit/contract/context.ts";
import type { App, Clients } from "./app.ts";
import type { Purchase } from "./domain/purchase.ts";

/** A service that holds something for a purchase. Every method may be repeated. */
interface Participant {
  readonly name: string;
  readonly reserve: (purchase: Purchase, work: WorkContext) => Promise<unknown>;
  readonly confirm: (purchase: Purchase, work: WorkContext) => Promise<unknown>;
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
      ...endsOf(entitlementReservations),
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
      ...endsOf(couponReservations),
    }),
  },
  {
    needed: ({ amountPoints }) => amountPoints > 0n,
    connect: ({ wallet, pointReservations }) => ({
      name: "points",
      reserve: ({ purchaseId, amountPoints }, work) =>
        wallet.reservePoints({ purchaseId, amountPoints }, work),
      ...endsOf(pointReservations),
    }),
  },
];

function endsOf(reservations: Clients["pointReservations"]): Pick<Participant, "confirm" | "release"> {
  return {
    confirm: ({ purchaseId }, work) => reservations.confirmReservation({ reservationId: purchaseId }, work),
    release: ({ purchaseId }, work) => reservations.releaseReservation({ reservationId: purchaseId }, work),
  };
}

function toEntitlementLine({ questionId, version, originalPoints, promotionDiscountPoints }: Line) {
  return { questionId, version, offerPricePoints: originalPoints - promotionDiscountPoints };
}

type Line = Purchase["lines"][number];
