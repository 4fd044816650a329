import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { PointsCharged, PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";
import type { NewMail } from "../domain/mail.ts";

export function pointsCharged({ mails }: Dependencies): BatchHandler<typeof PointsChargedSchema> {
  return { handleAll: (tx, charges) => mails.add(tx, ...charges.map(receiptOf)) };
}

function receiptOf({ userId, chargeId, amountPoints, chargeTime, receiptUrl }: PointsCharged): NewMail {
  if (chargeTime === undefined) {
    throw new TypeError("the contract requires charge_time");
  }
  return {
    template: "CHARGE_RECEIPT",
    userId,
    data: {
      chargeId,
      chargeTime: timestampDate(chargeTime).toISOString(),
      amountPoints: amountPoints.toString(),
      receiptUrl,
    },
  };
}

type Dependencies = Pick<App, "mails">;
