import type { Tx } from "#kit/database.ts";
import type { Reservation } from "#kit/reservation.ts";
import { reversed, type Transfer, type TransferType } from "./ledger.ts";
import { findTransfers } from "./store/ledger.ts";
import { post } from "./store/post.ts";

/** Spends what a purchase holds. */
export function spendHeldPoints(tx: Tx, reservation: Reservation): Promise<void> {
  const amountPoints = BigInt(reservation.content);
  return settle(tx, "SPEND", reservation, [{ from: "HELD", to: "SALES", amountPoints }]);
}

/** Puts what a purchase holds back into the accounts that it came from. */
export async function releaseHeldPoints(tx: Tx, reservation: Reservation): Promise<void> {
  return settle(tx, "RELEASE", reservation, reversed(await findTransfers(tx, "HOLD", reservation.id)));
}

async function settle(
  tx: Tx,
  type: TransferType,
  { id, userId }: Reservation,
  transfers: readonly Transfer[],
): Promise<void> {
  if (!(await post(tx, { type, reference: id, userId, transfers }))) {
    throw new Error("the wallet holds less than its reservations");
  }
}
