import type { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { addQuestions } from "../add-questions.ts";
import type { App } from "../app.ts";
import { refusalOf } from "../failures.ts";

export function addToCart(app: Dependencies): Handler<typeof CartService.method.addToCart> {
  return async ({ questionId }, context) => {
    for (const addition of await addQuestions(app, [questionId], context)) {
      const refusal = refusalOf(addition);
      if (refusal !== undefined) {
        throw refusal;
      }
    }
    return {};
  };
}

type Dependencies = Pick<App, "database" | "catalog">;
