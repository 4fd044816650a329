import { idsOf, type ReservationHooks } from "#kit/data/reservation.ts";
import { findTransfers, postAll } from "./db/ledger.ts";
import { reversed } from "./domain/ledger.ts";

/** Spends or releases the points that purchases hold. */
export const pointReservations: ReservationHooks = {
  onConfirm(tx, reservations) {
    const postings = reservations.map(({ id, userId, content }) => ({
      reference: id,
      userId,
      transfers: [{ from: "HELD", to: "SALES", amountPoints: BigInt(content) }] as const,
    }));
    return postAll(tx, "SPEND", postings);
  },
  async onRelease(tx, reservations) {
    const held = await findTransfers(tx, "HOLD", idsOf(reservations));
    const postings = reservations.map(({ id, userId }) => ({
      reference: id,
      userId,
      transfers: reversed(held.get(id) ?? []),
    }));
    return postAll(tx, "RELEASE", postings);
  },
};
