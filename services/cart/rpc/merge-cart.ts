import type { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { addQuestions } from "../add-questions.ts";
import type { App } from "../app.ts";

export function mergeCart(app: Dependencies): Handler<typeof CartService.method.mergeCart> {
  return async ({ questionIds }, context) => ({
    questions: await addQuestions(app, questionIds, context),
  });
}

type Dependencies = Pick<App, "database" | "catalog">;
