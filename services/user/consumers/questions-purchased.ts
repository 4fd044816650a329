import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import type { MailQueue } from "../mail/mail-queue.ts";

export function questionsPurchased({ mails }: Dependencies): EventHandler<typeof QuestionsPurchasedSchema> {
  return async (tx, { userId, purchaseId, quote, payTime }) => {
    if (quote === undefined || payTime === undefined) {
      throw new TypeError("the contract requires quote and time");
    }
    const lines = quote.lines.map(line => ({
      title: line.title,
      creatorName: line.creatorName,
      originalPoints: line.originalPoints.toString(),
      amountPoints: line.amountPoints.toString(),
    }));
    await mails.add(tx, userId, {
      template: "PURCHASE_RECEIPT",
      data: {
        purchaseId,
        payTime: timestampDate(payTime).toISOString(),
        lines,
        originalPoints: quote.originalPoints.toString(),
        amountPoints: quote.amountPoints.toString(),
      },
    });
  };
}

interface Dependencies {
  readonly mails: MailQueue;
}
