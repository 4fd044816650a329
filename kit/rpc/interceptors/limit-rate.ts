import { type Policy, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import type { Interceptor } from "#kit/rpc/call.ts";
import type { RateLimiter } from "#kit/rpc/rate-limits.ts";

/**
 * Counts the call against the rate class of its method, by user or else by address. Internal methods are not counted.
 */
export function limitRate({ rate }: Policy, limit: RateLimiter): Interceptor {
  if (rate === Rate.INTERNAL) {
    return next => next;
  }
  return next => async call => {
    const { caller, clientAddress } = call;
    await limit(rate, caller.kind === "user" ? `user ${caller.userId}` : `address ${clientAddress}`);
    return next(call);
  };
}
