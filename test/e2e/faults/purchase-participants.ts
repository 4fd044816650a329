import { expect } from "chai";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { Market } from "../../support/market/market.ts";
import { createCustomer, ended, insist } from "../../support/market/purchase-runs.ts";
import { supervise } from "../../support/stack/supervisor.ts";

/**
 * Transient faults in the processes: a failure before a step, and no answer after its commit. One of each kind; the
 * component tests of the purchase saga try every participant at every step.
 */
export const passingFaults = [
  "ReserveCoupons.before:fail*1",
  "ReservePoints.after:hang*1",
  "ConfirmReservation.before:fail*1",
  "ConfirmReservation.after:hang*1",
];

const maxCustomers = 12;

/** Participants that fail, stop answering or crash during a purchase. */
export function participantFaults(market: () => Market): void {
  it("is paid though participants fail and stop answering once at reserve and at confirm", async () => {
    const { buyer, request } = await createCustomer(market());
    const { purchase } = await buyer.pay.purchaseQuestions(request);
    expect(purchase?.state).to.equal(PurchaseState.PENDING);
    expect((await ended(buyer, request)).state).to.equal(PurchaseState.PAID);

    // The first purchase met the failures at confirm; for this one the answers are lost.
    const next = await createCustomer(market());
    const answer = await next.buyer.pay.purchaseQuestions(next.request);
    expect(answer.purchase?.state).to.equal(PurchaseState.PAID);
  });

  it("is paid though participants are killed after they reserved, and again when they confirm", async () => {
    const plan = {
      question: ["ReserveEntitlements.after:kill", "ConfirmReservation.after:kill"],
      point: ["ReservePoints.after:kill", "consumer.handled:kill"],
    };
    const supervisor = supervise(market().stack, plan);
    try {
      const customers: Awaited<ReturnType<typeof createCustomer>>[] = [];
      for (let count = 0; count < maxCustomers; count++) {
        customers.push(await createCustomer(market()));
      }
      await Promise.all([supervisor.kill("question"), supervisor.kill("point")]);
      // The call that confirms is not repeated, so on a busy machine it may miss the process that would be killed.
      for (const { buyer, request } of customers) {
        if (!supervisor.isFinished()) {
          await insist(buyer, request);
        }
      }
      await supervisor.finished();
    } finally {
      await supervisor.stop();
    }
  });
}
