import type { Basket } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { WorkContext } from "#kit/contract/context.ts";
import type { Clients } from "./app.ts";
import { couponsOf, type Price, priceBasket } from "./domain/pricing.ts";

/**
 * Reads questions and coupons in parallel, and prices the basket. Where both are refused, the refusal of the questions
 * counts, whichever comes first.
 */
export async function quoteBasket(
  { catalog, coupons }: Pick<Clients, "catalog" | "coupons">,
  basket: Basket,
  context: WorkContext,
): Promise<Price> {
  const userCouponIds = [...new Set(couponsOf(basket))];
  const questionIds = basket.lines.map(line => line.questionId);
  const quoted = catalog.quoteQuestions({ questionIds }, context);
  const terms =
    userCouponIds.length === 0 ? { coupons: [] } : coupons.getCouponTerms({ userCouponIds }, context);
  await Promise.allSettled([quoted, terms]);
  return priceBasket(basket, (await quoted).questions, (await terms).coupons);
}
