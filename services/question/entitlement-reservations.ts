import { idsOf, type ReservationHooks } from "#kit/data/reservation.ts";
import { dropEntitlements, ownEntitlements } from "./db/entitlements.ts";
import type { QuotedLine } from "./domain/offer.ts";

/**
 * Grants or releases the entitlements that purchases hold; they are owned from the time that `ownTimes` has for the
 * purchase, or from now.
 */
export function entitlementReservations(ownTimes: ReadonlyMap<string, Date> = new Map()): ReservationHooks {
  return {
    onConfirm: (tx, reservations) => ownEntitlements(tx, idsOf(reservations), ownTimes),
    onRelease: (tx, reservations) => dropEntitlements(tx, idsOf(reservations)),
  };
}

/** What a reservation of entitlements holds, as it is stored. */
export function contentOf(lines: readonly QuotedLine[]): string {
  return lines.map(line => `${line.questionId}:${line.version}:${line.offerPricePoints}`).join(",");
}
