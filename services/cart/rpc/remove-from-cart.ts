import type { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { deleteLines } from "../db/cart-lines.ts";

export function removeFromCart({
  database,
}: Dependencies): Handler<typeof CartService.method.removeFromCart> {
  return async ({ questionIds }, context) => {
    await deleteLines(database, [{ userId: userIdOf(context), questionIds }]);
    return {};
  };
}

type Dependencies = Pick<App, "database">;
