import type { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import { releaseOnce } from "#kit/reservation.ts";
import { releaseHeldPoints } from "../held-points.ts";

export const purchaseCancelled: EventHandler<typeof PurchaseCancelledSchema> = (tx, { purchaseId, userId }) =>
  releaseOnce(tx, { id: purchaseId, userId }, reservation => releaseHeldPoints(tx, reservation));
