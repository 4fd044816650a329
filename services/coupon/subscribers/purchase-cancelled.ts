import type { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { release } from "#kit/data/reservation.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { couponReservations } from "../coupon-reservations.ts";

export const purchaseCancelled: EventHandler<typeof PurchaseCancelledSchema> = (tx, { purchaseId, userId }) =>
  release(tx, { id: purchaseId, userId }, couponReservations);
