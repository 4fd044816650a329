import { type Policy, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import type { Check } from "#kit/rpc/call.ts";
import type { RateLimiter } from "#kit/rpc/rate-limits.ts";

/**
 * Counts the call against the rate class of its method, by user or else by address. Internal methods are not counted.
 */
export function limitRate({ rate }: Policy, limit: RateLimiter): Check {
  if (rate === Rate.INTERNAL) {
    return () => undefined;
  }
  return call => {
    const { caller } = call;
    return limit(rate, caller.kind === "user" ? `user ${caller.userId}` : `address ${call.clientAddress}`);
  };
}
