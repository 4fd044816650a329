import { type SampleCalls, type SampleFacts, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of cart. */
export default function cartCalls({ draft }: SampleFacts): SampleCalls {
  const questionId = String(draft.questionId);
  return {
    "cart.v1.CartService/GetCart": user({}),
    "cart.v1.CartService/AddToCart": user({ questionId }, "OWN_QUESTION"),
    "cart.v1.CartService/MergeCart": user({ questionIds: [questionId, unknownId] }),
    "cart.v1.CartService/RemoveFromCart": user({ questionIds: [unknownId] }),
  };
}
