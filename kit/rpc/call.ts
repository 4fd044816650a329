import type { DescMessage, DescMethodUnary, Message, MessageInitShape } from "@bufbuild/protobuf";
import type { Caller, Context, RequestHeaders, ResponseHeaders } from "#kit/contract/context.ts";

/** What a transport knows about a call before the pipeline runs. */
export interface IncomingCall {
  readonly protocol: string;
  readonly requestHeaders: RequestHeaders;
  readonly responseHeaders: ResponseHeaders;
  readonly clientAddress: string;
  readonly requestId: string;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; infinite where the caller set no deadline. */
  readonly deadlineMs: number;
  /** Reads and decodes the request; throws BAD_REQUEST where it is malformed. */
  readonly decode: () => Message | Promise<Message>;
}

/**
 * A call in the pipeline. Interceptors add the caller, the deadline and the request; handlers see it as their
 * context.
 */
export interface Call extends IncomingCall, Context {
  readonly method: DescMethodUnary;
  caller: Caller;
  signal: AbortSignal;
  deadlineMs: number;
  /** Undefined until it is decoded. */
  request: Message | undefined;
}

/** Answers a call, or throws a Failure. */
export type CallHandler = (call: Call) => Promise<MessageInitShape<DescMessage>>;

/** Wraps a handler in one concern. */
export type Interceptor = (next: CallHandler) => CallHandler;

/** The request of a call that was decoded. */
export function requestOf({ request }: Call): Message {
  if (request === undefined) {
    throw new TypeError("a request is decoded before it is used");
  }
  return request;
}
