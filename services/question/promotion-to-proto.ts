import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { PromotionContent, PromotionSchema } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import type { PromotionRow } from "./db/promotions.ts";
import { required } from "./to-proto.ts";

/** A promotion as its creator sees it. */
export function toPromotion({
  startTime,
  endTime,
  ...promotion
}: PromotionRow): MessageInitShape<typeof PromotionSchema> {
  return { ...promotion, startTime: timestampFromDate(startTime), endTime: timestampFromDate(endTime) };
}

/** The promotion in a request. */
export function fromPromotionContent(content: PromotionContent | undefined) {
  const { title, salePricePoints, startTime, endTime } = required(content);
  return {
    title,
    salePricePoints,
    startTime: startTime && timestampDate(startTime),
    endTime: timestampDate(required(endTime)),
  };
}
