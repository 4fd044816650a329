import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirmPaid } from "#kit/data/reservation.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { lockBalance } from "../db/wallets.ts";
import { pointReservations } from "../point-reservations.ts";
import { holdPoints } from "../rpc/reserve-points.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, userId, amountPoints },
) => {
  if (amountPoints > 0n) {
    const reservation = { id: purchaseId, userId, content: amountPoints.toString() };
    const hold = () => holdPoints(tx, { purchaseId, userId, amountPoints }, lockBalance);
    await confirmPaid(tx, reservation, hold, pointReservations);
  }
};
