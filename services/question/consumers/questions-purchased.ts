import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import { confirmOnce } from "#kit/reservation.ts";
import { countSales, ownEntitlements } from "../store/entitlements.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, quote, payTime },
) => {
  const questionIds = quote?.lines.map(line => line.questionId) ?? [];
  await countSales(tx, questionIds);
  const since = payTime && timestampDate(payTime);
  await confirmOnce(tx, purchaseId, () => ownEntitlements(tx, purchaseId, since));
};
