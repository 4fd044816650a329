import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirmPaid } from "#kit/data/reservation.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { lockBalance } from "../db/wallets.ts";
import { pointReservations } from "../point-reservations.ts";
import { holdPoints } from "../rpc/reserve-points.ts";

export const questionsPurchased: BatchHandler<typeof QuestionsPurchasedSchema> = {
  async handleAll(tx, purchases) {
    const reservations = purchases
      .filter(({ amountPoints }) => amountPoints > 0n)
      .map(({ purchaseId, userId, amountPoints }) => ({
        id: purchaseId,
        userId,
        amountPoints,
        content: amountPoints.toString(),
      }));
    await confirmPaid(
      tx,
      reservations,
      ({ id, userId, amountPoints }) => holdPoints(tx, { purchaseId: id, userId, amountPoints }, lockBalance),
      pointReservations,
    );
  },
};
