import type {
  DescMessage,
  DescMethod,
  DescMethodUnary,
  DescService,
  Message,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { Context } from "#kit/contract/context.ts";

/** The handler of a unary method, typed by its contract: `Handler<typeof PointService.method.getWallet>`. */
export type Handler<M extends DescMethod> = (
  request: MessageShape<M["input"]>,
  context: Context,
) => Promise<MessageInitShape<M["output"]>>;

/** One handler for each method of a proto service. */
type Handlers<S extends DescService> = {
  readonly [M in keyof S["method"]]: Handler<S["method"][M]>;
};

/** A method with its handler. */
export interface Route {
  readonly method: DescMethodUnary;
  readonly handle: (request: Message, context: Context) => Promise<MessageInitShape<DescMessage>>;
}

/** A proto service with the handlers of all its methods. */
export interface Implementation {
  readonly service: DescService;
  readonly routes: readonly Route[];
}

/** Joins a proto service and its handlers. A method without a handler is a type error. */
export function implement<S extends DescService>(service: S, handlers: Handlers<S>): Implementation {
  const routes = service.methods.map(method => ({
    method: method as DescMethodUnary,
    handle: handlers[method.localName as keyof S["method"]] as unknown as Route["handle"],
  }));
  return { service, routes };
}
