import { create, type Message } from "@bufbuild/protobuf";
import type { Failure } from "#kit/contract/failure.ts";
import { policyOf } from "#kit/contract/policy.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { Call, type CallHandler, type Check, type IncomingCall, requestOf } from "#kit/rpc/call.ts";
import type { Route } from "#kit/rpc/implement.ts";
import type { AdmitCalls } from "#kit/rpc/interceptors/admit-calls.ts";
import { type AccessOptions, authorizeCaller } from "#kit/rpc/interceptors/authorize-caller.ts";
import { confirmAdministrator } from "#kit/rpc/interceptors/confirm-administrator.ts";
import { enforceDeadline } from "#kit/rpc/interceptors/enforce-deadline.ts";
import { limitRate } from "#kit/rpc/interceptors/limit-rate.ts";
import { normalizeRequest } from "#kit/rpc/interceptors/normalize-request.ts";
import { passFailpoints } from "#kit/rpc/interceptors/pass-failpoints.ts";
import { recordCall } from "#kit/rpc/interceptors/record-call.ts";
import { restrictCaching } from "#kit/rpc/interceptors/restrict-caching.ts";
import { toFailure } from "#kit/rpc/interceptors/translate-errors.ts";
import { validateRequest } from "#kit/rpc/interceptors/validate-request.ts";
import type { RateLimiter } from "#kit/rpc/rate-limits.ts";

interface PipelineOptions extends AccessOptions {
  readonly limit: RateLimiter;
  readonly admit: AdmitCalls;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Answers one call of one method, or throws a Failure and nothing else. */
export type Pipeline = (call: IncomingCall) => Promise<Message>;

/**
 * Puts a handler behind the policy of its method, the same for every transport. A call that is admitted passes the
 * checks below, in their order, and is handled, all within its deadline. However it ends, its error is translated, and
 * it is counted and logged.
 */
export function createPipeline({ method, handle }: Route, options: PipelineOptions): Pipeline {
  const policy = policyOf(method);
  const checks: readonly Check[] = [
    authorizeCaller(policy, options),
    limitRate(policy, options.limit),
    confirmAdministrator(policy, options.isAdministrator),
    normalizeRequest(method),
    validateRequest(method),
  ];
  const answer = passFailpoints(method)(call => handle(requestOf(call), call));
  const handler: CallHandler = async call => {
    for (const check of checks) {
      const waiting = check(call);
      if (waiting !== undefined) {
        await waiting;
      }
    }
    return answer(call);
  };
  const run = enforceDeadline(policy)(options.admit(policy)(handler));
  const record = recordCall(method, options);
  return async incoming => {
    const call = new Call(method, incoming);
    let failure: Failure | undefined;
    try {
      return create(method.output, await run(call));
    } catch (error) {
      failure = toFailure(error);
      throw failure;
    } finally {
      restrictCaching(call, failure);
      record(call, failure);
    }
  };
}
