import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  OfferSchema,
  QuestionSnapshotSchema,
} from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import type { OfferRow } from "./db/offers.ts";
import { availabilityOf, offerPricePoints } from "./domain/offer.ts";
import { toActivePromotion, toQuestionCreator, type ViewFiles } from "./to-proto.ts";

/** What a purchase records about a question. */
export function toSnapshot(offer: OfferRow): MessageInitShape<typeof QuestionSnapshotSchema> {
  return {
    ...offer,
    promotionId: offer.promotionId ?? 0n,
    promotionTitle: offer.promotionTitle ?? "",
    offerPricePoints: offerPricePoints(offer),
  };
}

/** A question, on sale or not, for one user. A question that does not exist is one that is unavailable. */
export async function toOffer(
  questionId: bigint,
  row: OfferRow | undefined,
  { userId, files }: { userId: bigint; files: ViewFiles },
): Promise<MessageInitShape<typeof OfferSchema>> {
  const availability = availabilityOf(row, userId);
  if (row === undefined) {
    return { questionId, availability };
  }
  const { title, subject, pricePoints, state, thumbnailKey } = row;
  return {
    ...{ questionId, availability, title, subject, pricePoints, ...toActivePromotion(row) },
    creator: toQuestionCreator(row),
    offerPricePoints: offerPricePoints(row),
    thumbnailUrl: state === "PUBLISHED" && thumbnailKey !== null ? await files.viewUrl(thumbnailKey) : "",
  };
}
