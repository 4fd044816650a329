import type { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { release } from "#kit/data/reservation.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { entitlementReservations } from "../entitlement-reservations.ts";

export const purchaseCancelled: EventHandler<typeof PurchaseCancelledSchema> = (tx, { purchaseId, userId }) =>
  release(tx, { id: purchaseId, userId }, entitlementReservations());
