import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { payAtPage } from "#dev/demo/payment-page.ts";
import { DiscrepancyKind } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { ChargePackage, ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { recoverCharges } from "#ops/recover-charges.ts";
import {
  captureAtPsp,
  openPointSuite,
  type Payer,
  type PointSuite,
  requireBalanced,
  untilState,
} from "../support/psp/point-suite.ts";

describe("charges that the restored ledger does not know", () => {
  let suite: PointSuite;
  let payer: Payer;

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
  });
  after(() => suite?.close());

  async function lostOf(chargeId: string, apply: boolean) {
    const found = [];
    for await (const lost of recoverCharges(suite.stack.env, { days: 1, apply })) {
      found.push(...(lost.chargeId === chargeId ? [lost] : []));
    }
    return found;
  }

  /** Captured at the PSP without the ledger. */
  async function captured(amountPoints: bigint, metadata?: Record<string, string>) {
    const chargeId = uuidv7();
    await suite.sim.script(chargeId, { webhook: { times: 0 } });
    const paymentKey = await suite.sim.authorize(chargeId, Number(amountPoints), "card", metadata);
    await captureAtPsp(suite, { chargeId, paymentKey, amountPoints });
    return { chargeId, paymentKey };
  }

  it("are listed, entered again and credited once to who paid", async () => {
    const request = { requestId: crypto.randomUUID(), package: ChargePackage.D };
    const { checkout, charge } = await payer.points.createCharge(request);
    const { chargeId = "" } = charge ?? {};
    await suite.sim.script(chargeId, { webhook: { times: 0 } });
    await captureAtPsp(suite, await payAtPage(checkout?.url ?? ""));
    // What a restore to a point before the order leaves.
    await suite.sql.query("DELETE FROM charge WHERE charge_id = ?", [chargeId]);
    await suite.sql.query("DELETE FROM task WHERE id = ?", [chargeId]);

    expect(await lostOf(chargeId, false)).to.have.length(1);
    const [lost] = await lostOf(chargeId, true);
    expect(lost).to.deep.include({ amountPoints: 30_000n, charge: { userId: payer.userId, package: "D" } });
    await untilState(payer, chargeId, ChargeState.CHARGED);
    expect(await lostOf(chargeId, true)).to.deep.equal([]);
    expect((await payer.points.getWallet({})).wallet?.paidPoints).to.equal(30_000n);
    await requireBalanced(suite.sql, payer.userId);
  });

  it("become discrepancies where buyer or package is unknown, and are left out where the money went back", async () => {
    const cases = [
      [await captured(5_000n), "the payment names no user"],
      [await captured(5_000n, { userId: "no number" }), "the payment names no user"],
      [await captured(5_000n, { userId: "999999999" }), "user 999999999 is unknown"],
      [
        await captured(7_000n, { userId: `${payer.userId}` }),
        `user ${payer.userId} paid an amount that is no package`,
      ],
    ] as const;
    for (const [{ chargeId }, problem] of cases) {
      const [lost] = await lostOf(chargeId, true);
      expect(lost?.charge).to.deep.equal({ problem });
    }
    const { discrepancies } = await suite.admin.listDiscrepancies({ pageSize: 100 });
    const kinds = cases.map(
      ([{ chargeId }]) => discrepancies.find(found => found.chargeId === chargeId)?.kind,
    );
    expect(new Set(kinds)).to.deep.equal(new Set([DiscrepancyKind.MISSING_CREDIT]));

    const returned = await captured(5_000n);
    await suite.sim.cancel(returned.paymentKey);
    expect(await lostOf(returned.chargeId, true)).to.deep.equal([]);
  });

  it("that are a discrepancy already are no longer one when they are entered", async () => {
    const { chargeId } = await captured(5_000n, { userId: `${payer.userId}` });
    await suite.sql.query(
      `INSERT INTO discrepancy (kind, charge_id, our_amount_points, psp_amount_points)
        VALUES ('MISSING_CREDIT', ?, 0, 5000)`,
      [chargeId],
    );
    await lostOf(chargeId, true);
    await untilState(payer, chargeId, ChargeState.CHARGED);
    const { discrepancies } = await suite.admin.listDiscrepancies({ pageSize: 100, includeResolved: false });
    expect(discrepancies.some(found => found.chargeId === chargeId)).to.equal(false);
  });
});
