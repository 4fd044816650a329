import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { confirm } from "#kit/data/reservation.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { countSales } from "../db/entitlements.ts";
import { entitlementReservations } from "../entitlement-reservations.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, lines, payTime },
) => {
  await countSales(
    tx,
    lines.map(line => line.questionId),
  );
  await confirm(tx, purchaseId, entitlementReservations(payTime && timestampDate(payTime)));
};
