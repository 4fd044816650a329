import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirmPaid } from "#kit/data/reservation.ts";
import { countSale } from "#kit/data/sold-table.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { findSoldVersions, insertEntitlements } from "../db/entitlements.ts";
import { soldQuestions } from "../db/sold.ts";
import { contentOf, entitlementReservations } from "../entitlement-reservations.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, userId, lines, payTime },
) => {
  const copies = new Map(lines.map(({ questionId }) => [questionId, 1]));
  await countSale(tx, soldQuestions, { saleId: purchaseId, copies });
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
};
