import { ReservationService } from "#gen/questioncloud/reservation/v1/internal_reservation_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Database } from "#kit/data/database.ts";
import { confirm, type ReservationHooks, release } from "#kit/data/reservation.ts";
import { type Implementation, implement } from "#kit/rpc/implement.ts";

/**
 * The RPCs that confirm and release a participant's reservations; events do the same where a call was lost.
 */
export function serveReservations(database: Database, hooks: ReservationHooks): Implementation {
  return implement(ReservationService, {
    async confirmReservation({ reservationId }) {
      await database.transaction(tx => confirm(tx, reservationId, hooks));
      return {};
    },
    async releaseReservation({ reservationId }, context) {
      const userId = userIdOf(context);
      await database.transaction(tx => release(tx, [{ id: reservationId, userId }], hooks));
      return {};
    },
  });
}
