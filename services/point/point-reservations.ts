import type { Tx } from "#kit/data/database.ts";
import type { Reservation, ReservationHooks } from "#kit/data/reservation.ts";
import { findTransfers, post } from "./db/ledger.ts";
import { reversed, type Transfer } from "./domain/ledger.ts";

/** Spends or releases the points that a purchase holds. */
export const pointReservations: ReservationHooks = {
  onConfirm(tx, reservation) {
    const amountPoints = BigInt(reservation.content);
    return postHeldPoints(tx, "SPEND", reservation, [{ from: "HELD", to: "SALES", amountPoints }]);
  },
  async onRelease(tx, reservation) {
    const held = await findTransfers(tx, "HOLD", reservation.id);
    return postHeldPoints(tx, "RELEASE", reservation, reversed(held));
  },
};

async function postHeldPoints(
  tx: Tx,
  type: "SPEND" | "RELEASE",
  { id, userId }: Reservation,
  transfers: readonly Transfer[],
): Promise<void> {
  if (!(await post(tx, { type, reference: id, userId, transfers }))) {
    throw new Error("the wallet holds less than its reservations");
  }
}
