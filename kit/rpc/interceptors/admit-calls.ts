import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Access, type Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { Metrics } from "#kit/process/metrics.ts";
import type { Interceptor } from "#kit/rpc/call.ts";
import { createOverload } from "#kit/rpc/overload.ts";

interface AdmissionOptions {
  /** Calls in flight. */
  readonly maxCalls: number;
  /** How long a public call may wait for a turn of the event loop, or for a connection. */
  readonly maxWaitMs: number;
  /** How long the longest has waited for a connection. */
  readonly connectionWaitedMs: () => number;
  readonly metrics: Pick<Metrics, "callsOverloaded">;
}

/** Admits the calls of a method, or refuses them. */
export type AdmitCalls = (policy: Policy) => Interceptor;

/**
 * Refuses calls while `maxCalls` are in flight, or while those in flight wait too long, before anything is done for
 * them: a service that takes on more than it can answer in time answers none in time. All pipelines of a service share
 * one admission. A call that has ended for its caller counts until its handler has ended.
 */
export function admitCalls(options: AdmissionOptions): AdmitCalls {
  const { maxCalls, maxWaitMs, connectionWaitedMs, metrics } = options;
  const overload = createOverload({ maxWaitMs, connectionWaitedMs });
  const refuse = (waitsFor: keyof typeof refusals) => {
    metrics.callsOverloaded.inc({ waits_for: waitsFor });
    return Promise.reject(refusals[waitsFor]);
  };
  for (const waitsFor of Object.keys(refusals)) {
    metrics.callsOverloaded.inc({ waits_for: waitsFor }, 0);
  }
  let inFlight = 0;
  let publicInFlight = 0;
  return ({ access }) => {
    const isInternal = access === Access.INTERNAL;
    const count = (change: 1 | -1) => {
      inFlight += change;
      publicInFlight += isInternal ? 0 : change;
    };
    const leave = () => count(-1);
    return next => call => {
      if (inFlight >= maxCalls) {
        return refuse("calls");
      }
      const waitsFor = overload.noteCall({ isInternal, inFlight, publicInFlight });
      if (waitsFor !== undefined) {
        return refuse(waitsFor);
      }
      count(1);
      const answer = next(call);
      answer.then(leave, leave);
      return answer;
    };
  };
}

// Made once, because a stack takes time.
const refusals = {
  calls: overloaded("too many calls are in flight"),
  event_loop: overloaded("calls wait for a turn of the event loop"),
  connection: overloaded("calls wait for a connection to the database"),
} as const;

/** With a cause, because lines of the log are limited where they have one. */
function overloaded(text: string): Failure {
  return new Failure(Reason.SERVICE_UNAVAILABLE, { cause: new Error(`overloaded: ${text}`) });
}
