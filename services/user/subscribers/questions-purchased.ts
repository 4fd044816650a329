import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";

export function questionsPurchased({ mails }: Dependencies): EventHandler<typeof QuestionsPurchasedSchema> {
  return async (tx, { userId, purchaseId, payTime, lines, originalPoints, amountPoints }) => {
    if (payTime === undefined) {
      throw new TypeError("the contract requires pay_time");
    }
    await mails.add(tx, {
      template: "PURCHASE_RECEIPT",
      userId,
      data: {
        purchaseId,
        payTime: timestampDate(payTime).toISOString(),
        lines: lines.map(line => ({
          title: line.title,
          creatorName: line.creatorName,
          originalPoints: line.originalPoints.toString(),
          amountPoints: line.amountPoints.toString(),
        })),
        originalPoints: originalPoints.toString(),
        amountPoints: amountPoints.toString(),
      },
    });
  };
}

type Dependencies = Pick<App, "mails">;
