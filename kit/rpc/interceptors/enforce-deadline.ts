import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { endStatementsAt } from "#kit/data/statement-deadline.ts";
import type { Interceptor } from "#kit/rpc/call.ts";

// A caller hangs up at its deadline by a clock of its own, which may be milliseconds ahead of our timer.
const callerSlackMs = 20;

/** A call with less time than this left is refused before it starts: nothing useful can be done in it. */
export const minimumMs = 5;

/** Ends a call at its own deadline or at that of its policy, whichever comes first, and when the caller hangs up. */
export function enforceDeadline(policy: Policy): Interceptor {
  // One promise: a race of two, with a signal and its listeners, takes twice as long.
  return next => call =>
    new Promise((resolve, reject) => {
      const now = Date.now();
      call.deadlineMs = Math.min(call.deadlineMs, now + policy.deadlineMs);
      if (call.deadlineMs - now < minimumMs) {
        throw new Failure(Reason.DEADLINE_EXCEEDED);
      }
      let hasEnded = false;
      const end = (reason: Reason) => {
        if (!hasEnded) {
          const failure = new Failure(reason);
          call.abort(failure);
          reject(failure);
        }
      };
      const timer = setTimeout(end, call.deadlineMs - now, Reason.DEADLINE_EXCEEDED);
      call.onHangUp(() => {
        const isEarly = Date.now() < call.deadlineMs - callerSlackMs;
        end(isEarly ? Reason.REQUEST_CANCELLED : Reason.DEADLINE_EXCEEDED);
      });
      const stop = () => {
        hasEnded = true;
        clearTimeout(timer);
      };
      const answer = endStatementsAt(call.deadlineMs, () => next(call));
      answer.then(stop, stop);
      answer.then(resolve, reject);
    });
}
