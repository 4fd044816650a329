import { expect } from "chai";
import { connectAdmin } from "../../dev/servers/mariadb-schemas.ts";
import { PurchaseState } from "../../gen/questioncloud/pay/v1/pay_pb.ts";
import type { Market } from "../support/market.ts";
import { createCustomer, ended, insist, patiently } from "../support/purchase-runs.ts";
import { supervise } from "../support/supervisor.ts";

const participants = { question: "Entitlements", coupon: "Coupons", point: "Points" } as const;
const things = Object.values(participants);

// Fifteen starts of a process, on a busy machine.
const withinMs = 200_000;

/** What goes wrong once at each participant and passes: a failure before the step, and silence after it was committed. */
export const passingFaults = ["Reserve", "Confirm"].flatMap(step =>
  things.flatMap(thing => [`${step}${thing}.before:fail*1`, `${step}${thing}.after:hang*1`]),
);

/** Participants that fail, fall silent or die while a purchase needs them. */
export function participantFaults(market: () => Market): void {
  it("is paid though every participant fails and falls silent once at each step", async () => {
    const { buyer, wish } = await createCustomer(market());
    const { purchase } = await buyer.pay.purchaseQuestions(wish);
    expect(purchase?.state).to.equal(PurchaseState.PENDING);
    expect((await ended(buyer, wish)).state).to.equal(PurchaseState.PAID);
    expect(await attemptsOf(purchase?.purchaseId ?? "")).to.be.at.least(2 * things.length);

    // Its predecessor has met the failures at the confirmation; it meets the silence.
    const next = await createCustomer(market());
    const answer = await next.buyer.pay.purchaseQuestions(next.wish);
    expect(answer.purchase?.state).to.equal(PurchaseState.PAID);
  });

  it("is paid though every participant is killed before and after each step", async () => {
    const { stack } = market();
    const plans = Object.entries(participants).map(([name, thing]) => [
      name,
      [
        `Reserve${thing}.before`,
        `Reserve${thing}.after`,
        `Confirm${thing}.before`,
        `Confirm${thing}.after`,
      ].map(place => `${place}:kill`),
    ]);
    const supervisor = supervise(stack, Object.fromEntries(plans));
    try {
      await Promise.all(Object.keys(participants).map(supervisor.kill));
      let finished = false;
      const paid: string[] = [];
      const shopping = async () => {
        while (!finished) {
          const { buyer, wish } = await patiently(() => createCustomer(market()), withinMs);
          paid.push((await insist(buyer, wish, withinMs)).purchaseId);
        }
      };
      const deaths = supervisor.finished(withinMs).finally(() => {
        finished = true;
      });
      await Promise.all([deaths, shopping()]);
      // The first purchase meets all deaths but those after a confirmation, which the event repeats.
      expect(paid.length).to.be.at.least(2);
    } finally {
      await supervisor.stop();
    }
  });

  async function attemptsOf(purchaseId: string): Promise<number> {
    const sql = await connectAdmin(market().stack.mariadb.url);
    const [row] = await sql.query("SELECT attempts FROM pay.purchase WHERE purchase_id = ?", [purchaseId]);
    await sql.end();
    return Number(row.attempts);
  }
}
