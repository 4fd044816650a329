import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { type Given, isLong } from "../../support/faults/given.ts";
import { openShop, requireUnharmed } from "../../support/faults/shop-through.ts";
import { createCustomer, insist } from "../../support/market/purchase-runs.ts";

const awayMs = isLong ? 60_000 : 6_000;
const reads = 4;

/** A MongoDB that is silent for one replica and refuses the other. */
export function historyFaults(seed: string, given: Given): void {
  it("F17 sells and shows histories while MongoDB is cut off, which catches up afterwards", async () => {
    const { mesh, market } = given();
    const shopping = await openShop(given, seed);
    const customers = [await createCustomer(market), await createCustomer(market)];
    for (const { gate } of mesh.links.between("pay-1", "mongo")) {
      gate.mute(true);
    }
    for (const { gate } of mesh.links.between("pay-2", "mongo")) {
      gate.shut();
    }
    for (const { buyer, request } of customers) {
      const purchase = await insist(buyer, request);
      // Whichever replica answers, it does so within the deadline of the method.
      for (let read = 0; read < reads; read++) {
        expect((await buyer.pay.listPurchases({})).purchases).to.deep.equal([purchase]);
      }
      await delay(awayMs / customers.length);
    }
    await requireUnharmed(given, shopping);
  });
}
