import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchased, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";
import type { NewMail } from "../domain/mail.ts";

export function questionsPurchased({ mails }: Dependencies): BatchHandler<typeof QuestionsPurchasedSchema> {
  return { handleAll: (tx, purchases) => mails.add(tx, ...purchases.map(receiptOf)) };
}

function receiptOf(purchase: QuestionsPurchased): NewMail {
  const { userId, purchaseId, payTime, lines, originalPoints, amountPoints } = purchase;
  if (payTime === undefined) {
    throw new TypeError("the contract requires pay_time");
  }
  return {
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
  };
}

type Dependencies = Pick<App, "mails">;
