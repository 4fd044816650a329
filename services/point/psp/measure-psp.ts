import type { Metrics } from "#kit/process/metrics.ts";
import type { Psp, PspAnswer } from "./psp.ts";

/** Measures how long the operations of a PSP take, by outcome. */
export function measurePsp(psp: Psp, { providerCalls }: Pick<Metrics, "providerCalls">): Psp {
  const measure = async (operation: string, answer: Promise<PspAnswer>): Promise<PspAnswer> => {
    const end = providerCalls.startTimer({ server_service_name: psp.name, operation });
    let outcome = "failed";
    try {
      const given = await answer;
      outcome = given.outcome;
      return given;
    } finally {
      end({ outcome });
    }
  };
  return {
    ...psp,
    find: (chargeId, signal) => measure("find", psp.find(chargeId, signal)),
    confirm: (request, signal) => measure("confirm", psp.confirm(request, signal)),
    cancel: (request, signal) => measure("cancel", psp.cancel(request, signal)),
  };
}
