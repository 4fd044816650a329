import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchased, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import { confirmPaid } from "#kit/data/reservation.ts";
import { countSales } from "#kit/data/sold-table.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { findSoldVersions, insertEntitlements } from "../db/entitlements.ts";
import { soldQuestions } from "../db/sold.ts";
import { contentOf, entitlementReservations } from "../entitlement-reservations.ts";

export const questionsPurchased: BatchHandler<typeof QuestionsPurchasedSchema> = {
  async handleAll(tx, purchases) {
    for (const purchase of purchases) {
      await grant(tx, purchase);
    }
    // Last, so that the questions are locked as briefly as possible.
    const sales = purchases.map(({ purchaseId, lines }) => ({
      saleId: purchaseId,
      copies: new Map(lines.map(({ questionId }) => [questionId, 1])),
    }));
    await countSales(tx, soldQuestions, sales);
  },
};

async function grant(tx: Tx, { purchaseId, userId, lines, payTime }: QuestionsPurchased): Promise<void> {
  const held = lines.map(({ questionId, version, originalPoints, promotionDiscountPoints }) => ({
    questionId,
    version,
    offerPricePoints: originalPoints - promotionDiscountPoints,
  }));
  const reservation = { id: purchaseId, userId, content: contentOf(held) };
  const hold = async () => {
    const versions = await findSoldVersions(tx, held);
    if (!(await insertEntitlements(tx, { userId, purchaseId }, versions))) {
      throw new Error("the buyer has a question of this purchase by another one");
    }
  };
  await confirmPaid(tx, reservation, hold, entitlementReservations(payTime && timestampDate(payTime)));
}
