import type { CatalogService } from "#gen/questioncloud/question/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Handler } from "#kit/route.ts";
import { offerPricePoints, requireSellable } from "../offer.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findOffers } from "../store/offers.ts";

export function quoteQuestions({
  database,
  creatorNames,
}: Dependencies): Handler<typeof CatalogService.method.quoteQuestions> {
  return async ({ questionIds }, context) => {
    const userId = userIdOf(context);
    const found = await findOffers(database, questionIds, userId);
    const offers = requireSellable(found, questionIds, userId);
    const creators = await creatorNames.require(
      offers.map(offer => offer.creatorId),
      context,
    );
    return {
      questions: offers.map(offer => ({
        questionId: offer.questionId,
        version: offer.version,
        title: offer.title,
        creatorId: offer.creatorId,
        creatorName: creators.get(offer.creatorId)?.name ?? "",
        subject: offer.subject,
        categoryId: offer.categoryId,
        parentCategoryTitle: offer.parentCategoryTitle,
        categoryTitle: offer.categoryTitle,
        level: offer.level,
        pricePoints: offer.pricePoints,
        promotionId: offer.promotion?.promotionId ?? 0n,
        promotionTitle: offer.promotion?.title ?? "",
        offerPricePoints: offerPricePoints(offer),
      })),
    };
  };
}

type Dependencies = Pick<QuestionFloor, "database" | "creatorNames">;
