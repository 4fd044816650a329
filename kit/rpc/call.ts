import type { DescMessage, DescMethodUnary, Message, MessageInitShape } from "@bufbuild/protobuf";
import type { Caller, Context, RequestHeaders, ResponseHeaders } from "#kit/contract/context.ts";
import type { Failure } from "#kit/contract/failure.ts";

/** What a transport knows about a call before the pipeline runs. */
export interface IncomingCall {
  readonly protocol: string;
  readonly requestHeaders: RequestHeaders;
  readonly responseHeaders: ResponseHeaders;
  readonly clientAddress: string;
  readonly requestId: string;
  /** Calls a function when the caller hangs up before there is an answer, or at once where it has. */
  onHangUp(listener: () => void): void;
  /** Milliseconds since the epoch; infinite where the caller set no deadline. */
  readonly deadlineMs: number;
  /** Reads and decodes the request; throws BAD_REQUEST where it is malformed. */
  decode(): Message | Promise<Message>;
}

const anonymous: Caller = { kind: "anonymous" };

/**
 * A call in the pipeline. Interceptors add the caller, the deadline and the request; handlers see it as their
 * context.
 */
export class Call implements Context {
  readonly method: DescMethodUnary;
  readonly protocol: string;
  readonly requestHeaders: RequestHeaders;
  readonly responseHeaders: ResponseHeaders;
  readonly clientAddress: string;
  readonly requestId: string;
  caller = anonymous;
  deadlineMs: number;
  /** On the clock of `performance`. */
  readonly startMs = performance.now();
  /** Undefined until it is decoded. */
  request: Message | undefined = undefined;
  readonly #incoming: IncomingCall;
  #controller: AbortController | undefined = undefined;
  #endedBy: Failure | undefined = undefined;
  #stopDecoding: ((reason: Failure) => void) | undefined = undefined;

  constructor(method: DescMethodUnary, incoming: IncomingCall) {
    this.method = method;
    this.protocol = incoming.protocol;
    this.requestHeaders = incoming.requestHeaders;
    this.responseHeaders = incoming.responseHeaders;
    this.clientAddress = incoming.clientAddress;
    this.requestId = incoming.requestId;
    this.deadlineMs = incoming.deadlineMs;
    this.#incoming = incoming;
  }

  onHangUp(listener: () => void): void {
    this.#incoming.onHangUp(listener);
  }

  /** Reads and decodes the request; throws where the call ends meanwhile, because who has hung up sends no more. */
  decode(): Promise<Message> {
    return new Promise((resolve, reject) => {
      if (this.#endedBy !== undefined) {
        reject(this.#endedBy);
        return;
      }
      this.#stopDecoding = reject;
      Promise.resolve(this.#incoming.decode()).then(resolve, reject);
    });
  }

  /** Made when it is asked for, because only calls that call others do; it takes a microsecond. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#endedBy !== undefined) {
        this.#controller.abort(this.#endedBy);
      }
    }
    return this.#controller.signal;
  }

  /** Ends what works for the call. */
  abort(reason: Failure): void {
    this.#endedBy ??= reason;
    this.#stopDecoding?.(reason);
    this.#controller?.abort(reason);
  }
}

/** Answers a call, or throws a Failure. */
export type CallHandler = (call: Call) => Promise<MessageInitShape<DescMessage>>;

/** Wraps a handler in one concern. */
export type Interceptor = (next: CallHandler) => CallHandler;

/** What a call has to pass before it is handled; throws a Failure. Returns a promise only where it waits. */
export type Check = (call: Call) => Promise<unknown> | undefined;

/** The request of a call that was decoded. */
export function requestOf({ request }: Call): Message {
  if (request === undefined) {
    throw new TypeError("a request is decoded before it is used");
  }
  return request;
}
