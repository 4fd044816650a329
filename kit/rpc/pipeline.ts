import { create, type Message } from "@bufbuild/protobuf";
import { policyOf } from "#kit/contract/policy.ts";
import type { Logger } from "#kit/process/log.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import { Call, type CallHandler, type IncomingCall, type Interceptor, requestOf } from "#kit/rpc/call.ts";
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
import { translateErrors } from "#kit/rpc/interceptors/translate-errors.ts";
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
 * Puts a handler behind the policy of its method, the same for every transport. The list below is an onion, the first
 * interceptor outermost: each calls the next one, or throws. So a call that is refused at any depth is still logged
 * and counted, and its error translated.
 */
export function createPipeline({ method, handle }: Route, options: PipelineOptions): Pipeline {
  const policy = policyOf(method);
  const interceptors: readonly Interceptor[] = [
    recordCall(method, options),
    restrictCaching(),
    translateErrors(),
    enforceDeadline(policy),
    options.admit(policy),
    authorizeCaller(policy, options),
    limitRate(policy, options.limit),
    confirmAdministrator(policy, options.isAdministrator),
    normalizeRequest(method),
    validateRequest(method),
    passFailpoints(method),
  ];
  const handler: CallHandler = call => handle(requestOf(call), call);
  const run = interceptors.reduceRight((next, interceptor) => interceptor(next), handler);
  return async incoming => create(method.output, await run(new Call(method, incoming)));
}
