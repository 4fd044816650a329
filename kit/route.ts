import type {
  DescMessage,
  DescMethod,
  DescMethodUnary,
  Message,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { Context } from "#kit/context.ts";

/** The handler of a unary method, typed by its contract: `Handler<typeof PointService.method.getWallet>`. */
export type Handler<M extends DescMethod> = (
  request: MessageShape<M["input"]>,
  context: Context,
) => Promise<MessageInitShape<M["output"]>>;

/** A method with its handler. */
export interface Route {
  readonly method: DescMethodUnary;
  readonly handle: (request: Message, context: Context) => Promise<MessageInitShape<DescMessage>>;
}

/** Joins a method and its handler; the types of the two must agree. */
export function route<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  handler: Handler<DescMethodUnary<I, O>>,
): Route {
  return { method, handle: (request, context) => handler(request as MessageShape<I>, context) };
}
