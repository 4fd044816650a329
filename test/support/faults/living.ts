import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { contentWith } from "../market/questions.ts";
import { owned } from "./buying.ts";
import { call, callMs, type Visit } from "./visit.ts";

const timeout = { timeoutMs: callMs };

/** Puts a question into the cart. */
export async function fillCart(visit: Visit): Promise<void> {
  const { shopper, random, questionIds } = visit;
  const questionId = random.pick(questionIds);
  await call(visit, () => shopper.client(CartService).addToCart({ questionId }, timeout));
}

/** Reviews a question that the user owns. */
export async function review(visit: Visit): Promise<void> {
  const { shopper, random } = visit;
  const questionId = owned.get(shopper)?.pop();
  if (questionId !== undefined) {
    const content = { rate: 1 + random.below(5), comment: "좋은 문항입니다." };
    await call(visit, () => shopper.client(ReviewService).createReview({ questionId, content }, timeout));
  }
}

/** The creator changes a price, or takes a question off the store and puts it back. */
export async function author(visit: Visit): Promise<void> {
  const { author: own, random, questionIds } = visit;
  if (own === undefined) {
    return;
  }
  const questionId = random.pick(questionIds);
  const { answer } = await call(visit, () => own.authoring.getOwnQuestion({ questionId }, timeout));
  const { version } = answer?.question ?? {};
  if (version !== undefined && random.next() < 0.5) {
    const content = contentWith({ pricePoints: 1000n * BigInt(1 + random.below(12)) });
    await call(visit, () => own.authoring.updateQuestion({ questionId, version, content }, timeout));
  } else {
    await call(visit, () => own.authoring.unpublishQuestion({ questionId }, timeout));
    await call(visit, () => own.authoring.publishQuestion({ questionId }, timeout));
  }
}
