import type { ReservationHooks } from "#kit/data/reservation.ts";
import { dropEntitlements, ownEntitlements } from "./db/entitlements.ts";
import type { QuotedLine } from "./domain/offer.ts";

/** Grants or releases the entitlements that a purchase holds; they are owned from `ownTime`, or from now. */
export function entitlementReservations(ownTime?: Date): ReservationHooks {
  return {
    onConfirm: (tx, { id }) => ownEntitlements(tx, id, ownTime),
    onRelease: (tx, { id }) => dropEntitlements(tx, id),
  };
}

/** What a reservation of entitlements holds, as it is stored. */
export function contentOf(lines: readonly QuotedLine[]): string {
  return lines.map(line => `${line.questionId}:${line.version}:${line.offerPricePoints}`).join(",");
}
