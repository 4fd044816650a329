import { expect } from "chai";
import { ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { openPointSuite, type PaidOrder, type PointSuite, untilState } from "../support/psp/point-suite.ts";

const unavailable = Array(90).fill({ drop: "before" });

describe("charges in confirmation", () => {
  let suite: PointSuite;

  before(async () => {
    suite = await openPointSuite();
  });
  after(() => suite?.close());

  it("are all brought to an end, ten of them at once, though the PSP cannot tell about another", async () => {
    const payer = await suite.payer();
    const paid = await Promise.all(Array.from({ length: 11 }, () => suite.pay(payer)));
    const [stuck, ...others] = paid as [PaidOrder, ...PaidOrder[]];
    await suite.sim.script(stuck.chargeId, { confirm: unavailable.slice(0, 1), find: unavailable });
    // The first confirm is lost before or after the money was taken, and so is the first attempt to find out.
    await Promise.all(
      others.map(({ chargeId }, index) =>
        suite.sim.script(chargeId, {
          confirm: [{ drop: index % 2 === 0 ? "before" : "after" }],
          find: unavailable.slice(0, 1),
        }),
      ),
    );
    const answers = await Promise.all(paid.map(each => payer.points.confirmCharge(each)));
    expect(answers.map(({ charge }) => charge?.state)).to.include(ChargeState.CONFIRMING);
    await Promise.all(others.map(({ chargeId }) => untilState(payer, chargeId, ChargeState.CHARGED)));
    const { charges } = await payer.points.listCharges({ state: ChargeState.CONFIRMING });
    expect(charges.map(({ chargeId }) => chargeId)).to.deep.equal([stuck.chargeId]);
    expect((await payer.points.getWallet({})).wallet?.balancePoints).to.equal(50_000n);
    await suite.sim.script(stuck.chargeId, { find: [] });
    await untilState(payer, stuck.chargeId, ChargeState.CHARGED);
    expect((await payer.points.getWallet({})).wallet?.balancePoints).to.equal(55_000n);
  });
});
