import type { CatalogService } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findOffers } from "../db/offers.ts";
import { toOffer } from "../offers-to-proto.ts";

export function listOffers({
  database,
  files,
}: Dependencies): Handler<typeof CatalogService.method.listOffers> {
  return async ({ questionIds }, context) => {
    const userId = userIdOf(context);
    const offers = await findOffers(database, questionIds, userId);
    const offerOf = new Map(offers.map(offer => [offer.questionId, offer]));
    return {
      offers: await Promise.all(questionIds.map(id => toOffer(id, offerOf.get(id), { userId, files }))),
    };
  };
}

type Dependencies = Pick<App, "database" | "files">;
