import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

/** Who calls, as proved by a token. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "user"; readonly userId: bigint; readonly role: "USER" | "ADMIN" }
  /** Another service; `userId` where it calls on behalf of a user. */
  | { readonly kind: "service"; readonly service: string; readonly userId: bigint | undefined };

/** What a call to another service takes from the work it belongs to. */
export interface WorkContext {
  readonly caller: Caller;
  /** Aborts when the caller hangs up or the deadline passes; work without a caller needs none. */
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch after which no one waits for the answer. */
  readonly deadlineMs: number;
  /** Follows the request through all services; in every log line and in every refusal. */
  readonly requestId: string;
}

/** Milliseconds of the caller's time that a handler which waits for other work leaves for its answer. */
export const answerMarginMs = 500;

/** The headers of a request, by their names in lower case. */
export type RequestHeaders = Pick<Headers, "get">;

/** The headers of an answer, by their names in lower case. */
export type ResponseHeaders = Pick<Headers, "get" | "set" | "append">;

/** What a handler knows about its call. */
export interface Context extends WorkContext {
  readonly signal: AbortSignal;
  readonly requestHeaders: RequestHeaders;
  readonly responseHeaders: ResponseHeaders;
  /** The address of the client as the gateway saw it. */
  readonly clientAddress: string;
}

/** The signed-in user, or the user on whose behalf a service calls. */
export function userIdOf(context: WorkContext): bigint {
  const userId = callerUserId(context);
  if (userId === undefined) {
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  return userId;
}

/** Like userIdOf, and undefined where there is no user. */
export function callerUserId({ caller }: WorkContext): bigint | undefined {
  return caller.kind === "anonymous" ? undefined : caller.userId;
}

/** A context for work without a caller, on behalf of a user; it ends after `timeoutMs`. */
export function createWorkContext({
  service,
  userId,
  timeoutMs,
  requestId = crypto.randomUUID(),
}: {
  service: string;
  userId: bigint;
  timeoutMs: number;
  requestId?: string;
}): WorkContext {
  return {
    caller: { kind: "service", service, userId },
    deadlineMs: Date.now() + timeoutMs,
    requestId,
  };
}
