import type { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { release } from "#kit/data/reservation.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { entitlementReservations } from "../entitlement-reservations.ts";

export const purchaseCancelled: BatchHandler<typeof PurchaseCancelledSchema> = {
  handleAll: (tx, purchases) =>
    release(
      tx,
      purchases.map(({ purchaseId, userId }) => ({ id: purchaseId, userId })),
      entitlementReservations(),
    ),
};
