import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchased, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import { confirmPaid } from "#kit/data/reservation.ts";
import { countSales } from "#kit/data/sold-table.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { findSoldVersions, insertEntitlements, isTaken } from "../db/entitlements.ts";
import { soldQuestions } from "../db/sold.ts";
import type { QuotedLine } from "../domain/offer.ts";
import { contentOf, entitlementReservations } from "../entitlement-reservations.ts";

export const questionsPurchased: BatchHandler<typeof QuestionsPurchasedSchema> = {
  async handleAll(tx, purchases) {
    await grant(tx, purchases);
    // Last, so that the questions are locked as briefly as possible.
    const sales = purchases.map(({ purchaseId, lines }) => ({
      saleId: purchaseId,
      copies: new Map(lines.map(({ questionId }) => [questionId, 1])),
    }));
    await countSales(tx, soldQuestions, sales);
  },
};

async function grant(tx: Tx, purchases: readonly QuestionsPurchased[]): Promise<void> {
  const reservations = purchases.map(({ purchaseId, userId, lines }) => {
    const held = lines.map(toHeld);
    return { id: purchaseId, userId, held, content: contentOf(held) };
  });
  const ownTimes = new Map(
    purchases.flatMap(({ purchaseId, payTime }) => (payTime ? [[purchaseId, timestampDate(payTime)]] : [])),
  );
  await confirmPaid(tx, reservations, each => hold(tx, each), entitlementReservations(ownTimes));
}

function toHeld({ questionId, version, originalPoints, promotionDiscountPoints }: Line): QuotedLine {
  return { questionId, version, offerPricePoints: originalPoints - promotionDiscountPoints };
}

async function hold(
  tx: Tx,
  { id, userId, held }: { id: string; userId: bigint; held: readonly QuotedLine[] },
): Promise<void> {
  const versions = await findSoldVersions(tx, held);
  await insertEntitlements(tx, { userId, purchaseId: id }, versions).catch((cause: unknown) => {
    throw isTaken(cause) ? new Error("the buyer has a question of this purchase by another one") : cause;
  });
}

type Line = QuestionsPurchased["lines"][number];
