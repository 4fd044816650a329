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
  return next => async call => {
    const now = Date.now();
    const callerSignal = call.signal;
    call.deadlineMs = Math.min(call.deadlineMs, now + policy.deadlineMs);
    if (call.deadlineMs - now < minimumMs) {
      throw new Failure(Reason.DEADLINE_EXCEEDED);
    }
    const controller = new AbortController();
    call.signal = controller.signal;
    const timer = setTimeout(
      () => controller.abort(new Failure(Reason.DEADLINE_EXCEEDED)),
      call.deadlineMs - now,
    );
    const hangUp = () => {
      const early = Date.now() < call.deadlineMs - callerSlackMs;
      controller.abort(new Failure(early ? Reason.REQUEST_CANCELLED : Reason.DEADLINE_EXCEEDED));
    };
    if (callerSignal.aborted) {
      hangUp();
    }
    callerSignal.addEventListener("abort", hangUp, { once: true });
    try {
      return await Promise.race([
        endStatementsAt(call.deadlineMs, () => next(call)),
        rejectOnAbort(controller.signal),
      ]);
    } finally {
      clearTimeout(timer);
      callerSignal.removeEventListener("abort", hangUp);
    }
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const rejectNow = () => reject(signal.reason);
    signal.addEventListener("abort", rejectNow, { once: true });
    if (signal.aborted) {
      rejectNow();
    }
  });
}
