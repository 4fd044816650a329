import type { CatalogService } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findOffers } from "../db/offers.ts";
import { requireSellable } from "../domain/offer.ts";
import { toSnapshot } from "../offers-to-proto.ts";

export function quoteQuestions({
  database,
}: Dependencies): Handler<typeof CatalogService.method.quoteQuestions> {
  return async ({ questionIds }, context) => {
    const userId = userIdOf(context);
    const offers = requireSellable(await findOffers(database, questionIds, userId), questionIds, userId);
    return { questions: offers.map(toSnapshot) };
  };
}

type Dependencies = Pick<App, "database">;
