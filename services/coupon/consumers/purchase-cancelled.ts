import type { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import { releaseOnce } from "#kit/reservation.ts";
import { freeHeldCoupons } from "../store/user-coupons.ts";

export const purchaseCancelled: EventHandler<typeof PurchaseCancelledSchema> = (tx, { purchaseId, userId }) =>
  releaseOnce(tx, { id: purchaseId, userId }, () => freeHeldCoupons(tx, purchaseId));
