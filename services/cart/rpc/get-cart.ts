import type { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { listLines } from "../db/cart-lines.ts";
import { toCart } from "../to-proto.ts";

export function getCart({ database, catalog }: Dependencies): Handler<typeof CartService.method.getCart> {
  return async (_request, context) => {
    const lines = await listLines(database, userIdOf(context));
    const questionIds = lines.map(({ questionId }) => questionId);
    const { offers } =
      questionIds.length === 0 ? { offers: [] } : await catalog.listOffers({ questionIds }, context);
    return { cart: toCart(lines, offers) };
  };
}

type Dependencies = Pick<App, "database" | "catalog">;
