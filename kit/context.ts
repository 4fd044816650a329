import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/failure.ts";

/** Who calls, as proved by a token. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "user"; readonly userId: bigint; readonly role: "USER" | "ADMIN" }
  /** A neighbour; `userId` where it calls on behalf of a user. */
  | { readonly kind: "service"; readonly service: string; readonly userId: bigint | undefined };

/** What a call to a neighbour takes from the work it belongs to. */
export interface WorkContext {
  readonly caller: Caller;
  /** Aborts when the deadline passes or the caller hangs up. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch after which nobody waits for the answer. */
  readonly deadlineMs: number;
}

/** What a handler knows about its call. */
export interface Context extends WorkContext {
  readonly requestHeaders: Headers;
  readonly responseHeaders: Headers;
  /** The address of the client as the gateway saw it. */
  readonly clientAddress: string;
}

/** The signed-in user, or the user on whose behalf a neighbour calls. */
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

/** A context for work that goes on without a caller, on behalf of a user; it ends after `timeoutMs`. */
export function createWorkContext({
  service,
  userId,
  timeoutMs,
}: {
  service: string;
  userId: bigint;
  timeoutMs: number;
}): WorkContext {
  return {
    caller: { kind: "service", service, userId },
    signal: AbortSignal.timeout(timeoutMs),
    deadlineMs: Date.now() + timeoutMs,
  };
}
