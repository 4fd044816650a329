import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Access, type Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { IsAdministrator } from "#kit/rpc/active-user.ts";
import type { Check } from "#kit/rpc/call.ts";

/**
 * Refuses who is no administrator any more: an access token outlives the role, and what administrators do is rare and
 * for good. After the limit of rates, because it asks another service.
 */
export function confirmAdministrator({ access }: Policy, isAdministrator?: IsAdministrator): Check {
  if (access !== Access.ADMIN) {
    return () => undefined;
  }
  if (isAdministrator === undefined) {
    throw new Error("a service with methods for administrators must say who is one");
  }
  return async call => {
    if (!(await isAdministrator(call))) {
      throw new Failure(Reason.FORBIDDEN);
    }
  };
}
