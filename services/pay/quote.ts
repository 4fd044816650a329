import type { Basket } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import type { WorkContext } from "#kit/context.ts";
import type { Neighbours } from "./app.ts";
import { couponsOf, type Price, priceBasket } from "./pricing.ts";

/** Asks the catalogue and the coupons at once, and prices the basket. */
export async function quoteBasket(
  { catalog, coupons }: Pick<Neighbours, "catalog" | "coupons">,
  basket: Basket,
  context: WorkContext,
): Promise<Price> {
  const userCouponIds = [...new Set(couponsOf(basket))];
  const [quoted, terms] = await Promise.all([
    catalog.quoteQuestions({ questionIds: basket.lines.map(line => line.questionId) }, context),
    userCouponIds.length === 0 ? { coupons: [] } : coupons.getCouponTerms({ userCouponIds }, context),
  ]);
  return priceBasket(basket, quoted.questions, terms.coupons);
}
