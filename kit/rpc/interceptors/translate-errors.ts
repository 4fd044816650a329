import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

/**
 * Whatever a handler throws, as a Failure: a named refusal stays, everything unexpected becomes INTERNAL_SERVER_ERROR
 * with its cause.
 */
export function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure(Reason.INTERNAL_SERVER_ERROR, { cause: error });
}
