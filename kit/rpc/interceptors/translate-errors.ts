import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Interceptor } from "#kit/rpc/call.ts";

/**
 * Turns whatever a handler throws into a Failure: a named refusal stays, everything unexpected becomes
 * INTERNAL_SERVER_ERROR with its cause.
 */
export function translateErrors(): Interceptor {
  return next => async call => {
    try {
      return await next(call);
    } catch (error) {
      throw toFailure(error);
    }
  };
}

/** An error as a Failure: what is not a refusal by name is a fault. */
export function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure(Reason.INTERNAL_SERVER_ERROR, { cause: error });
}
