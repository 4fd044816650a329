import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import type { App } from "../app.ts";

export function pointsCharged({ mails }: Dependencies): EventHandler<typeof PointsChargedSchema> {
  return async (tx, { userId, chargeId, amountPoints, chargeTime, receiptUrl }) => {
    if (chargeTime === undefined) {
      throw new TypeError("the contract requires charge_time");
    }
    await mails.add(tx, {
      template: "CHARGE_RECEIPT",
      userId,
      data: {
        chargeId,
        chargeTime: timestampDate(chargeTime).toISOString(),
        amountPoints: amountPoints.toString(),
        receiptUrl,
      },
    });
  };
}

type Dependencies = Pick<App, "mails">;
