import type { Basket } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import type { Clients } from "./app.ts";
import { couponsOf, type Price, priceBasket } from "./domain/pricing.ts";

/** Reads questions and coupons in parallel, and prices the basket. */
export async function quoteBasket(
  { catalog, coupons }: Pick<Clients, "catalog" | "coupons">,
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
