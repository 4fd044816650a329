import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Interceptor } from "#kit/rpc/call.ts";

/**
 * Refuses calls while `maxCalls` are in flight, before anything is done for them: a service that takes on more than it
 * can answer in time answers none in time. All pipelines of a service share one limit. A call that has ended for its
 * caller counts until its handler has ended.
 */
export function limitConcurrency(maxCalls: number): Interceptor {
  let inFlight = 0;
  return next => async call => {
    if (inFlight >= maxCalls) {
      throw new Failure(Reason.SERVICE_UNAVAILABLE);
    }
    inFlight += 1;
    try {
      return await next(call);
    } finally {
      inFlight -= 1;
    }
  };
}
