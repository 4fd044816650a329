import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirm } from "#kit/data/reservation.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { pointReservations } from "../point-reservations.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, amountPoints },
) => {
  if (amountPoints > 0n) {
    await confirm(tx, purchaseId, pointReservations);
  }
};
