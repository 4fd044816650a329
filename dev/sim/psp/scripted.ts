import { setTimeout } from "node:timers/promises";
import { isFinalRefusal, PspFailure } from "./failures.ts";
import { type Answer, answerOf, failureAnswer, type Reply } from "./http.ts";
import type { IdempotentCall } from "./idempotency.ts";
import type { Step, TakenStep } from "./script.ts";

export interface Work {
  /** Does the work and answers; throws PspFailure to refuse. */
  run(): Answer;
  /** Ends the payment after a refusal by the card company. */
  abort?(failure: { code: string; message: string }): void;
  /** Accepts the work now and answers what does it later. */
  later?(): () => Answer;
}

/** Carries out one call as its step says. How a step garbles the answer is not stored under the idempotency key. */
export async function perform(step: TakenStep, work: Work, call: IdempotentCall): Promise<Reply> {
  if (step.chargeAfterMs !== undefined) {
    return performLater(step, step.chargeAfterMs, work, call);
  }
  if (step.drop === "before" || step.hang === "before") {
    await wait(step, step.delayMs);
    call.forget();
    return { kind: step.drop ? "drop" : "hang" };
  }
  const answer = decide(step, work);
  await wait(step, step.delayMs);
  call.store(answer);
  if (step.drop) {
    return { kind: "drop" };
  }
  if (step.hang) {
    return { kind: "hang" };
  }
  if (step.garbage) {
    return {
      kind: "answer",
      answer: { status: answer.status, body: "<html>점검 중" },
      contentType: "text/html",
    };
  }
  return { kind: "answer", answer, ...(step.answerTwice && { twice: true }) };
}

function decide(step: Step, work: Work): Answer {
  if (step.error === undefined) {
    return falsify(step, runWork(work.run));
  }
  const { status, code, message } = step.error;
  if (step.charge) {
    runWork(work.run);
  } else if (step.abort ?? isFinalRefusal(code)) {
    work.abort?.({ code, message });
  }
  return answerOf({ code, message }, status);
}

/** Charges after the answer; until then the payment is busy and the key is taken. */
function performLater(step: TakenStep, chargeAfterMs: number, work: Work, call: IdempotentCall): Reply {
  const run = work.later?.() ?? work.run;
  const error = step.error ?? failureBody(new PspFailure("FAILED_INTERNAL_SYSTEM_PROCESSING"));
  const answer = answerOf({ code: error.code, message: error.message }, error.status);
  if (!step.drop) {
    call.store(answer);
  }
  void wait(step, chargeAfterMs).then(() => {
    const late = runWork(run);
    if (step.drop) {
      call.store(late);
    }
  });
  return step.drop ? { kind: "drop" } : { kind: "answer", answer };
}

/** Waits without keeping the process alive. */
async function wait({ next }: TakenStep, durationMs = 0): Promise<void> {
  await (next ?? (durationMs > 0 && setTimeout(durationMs, undefined, { ref: false })));
}

function runWork(run: () => Answer): Answer {
  try {
    return run();
  } catch (error) {
    if (error instanceof PspFailure) {
      return failureAnswer(error);
    }
    throw error;
  }
}

function falsify(step: Step, answer: Answer): Answer {
  const { amount: totalAmount, orderId, status } = step;
  const changes = Object.entries({ totalAmount, orderId, status }).filter(([, value]) => value !== undefined);
  if (changes.length === 0) {
    return answer;
  }
  return answerOf({ ...JSON.parse(answer.body), ...Object.fromEntries(changes) }, answer.status);
}

function failureBody(failure: PspFailure) {
  return { status: failure.status, code: failure.code, message: failure.message };
}
