import type { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { deleteCart } from "../db/cart-lines.ts";

export const userWithdrawn: EventHandler<typeof UserWithdrawnSchema> = (tx, { userId }) =>
  deleteCart(tx, userId);
