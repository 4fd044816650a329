import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import type { EventHandler } from "#kit/consumer.ts";
import type { MailQueue } from "../mail/mail-queue.ts";

export function pointsCharged({ mails }: Dependencies): EventHandler<typeof PointsChargedSchema> {
  return async (tx, { userId, chargeId, amountPoints, chargeTime, receiptUrl }) => {
    if (chargeTime === undefined) {
      throw new TypeError("the contract requires the time");
    }
    await mails.add(tx, userId, {
      template: "CHARGE_RECEIPT",
      data: {
        chargeId,
        chargeTime: timestampDate(chargeTime).toISOString(),
        amountPoints: amountPoints.toString(),
        receiptUrl,
      },
    });
  };
}

interface Dependencies {
  readonly mails: MailQueue;
}
