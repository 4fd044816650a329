import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { expect } from "chai";
import { ChargeState, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import {
  openPointSuite,
  type PaidOrder,
  type Payer,
  type PointSuite,
  requireBalanced,
  untilState,
} from "../support/psp/point-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";
import { type Replica, startReplica } from "../support/stack/replica.ts";
import { until } from "../support/stack/until.ts";

describe("an interrupted confirmation", () => {
  let suite: PointSuite;
  let payer: Payer;
  const replicas: Replica[] = [];

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
  });
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(replica => replica.stop()));
    await requireBalanced(suite.sql, payer.userId);
  });
  after(() => suite?.close());

  /** A point service of the test's own, whose claims end soon. */
  async function startOwn(env: Record<string, string>): Promise<Replica> {
    const replica = await startReplica(suite.stack, "point", { POINT_RECONCILE_CLAIM_MS: "500", ...env });
    replicas.push(replica);
    return replica;
  }
  function confirmAt({ httpUrl }: Replica, paid: PaidOrder, options: { timeoutMs?: number } = {}) {
    const transport = createConnectTransport({ baseUrl: httpUrl, httpVersion: "1.1" });
    const headers = { authorization: `Bearer ${payer.token}` };
    return createClient(PointService, transport).confirmCharge(paid, { headers, ...options });
  }
  async function requireChargedOnce({ chargeId }: PaidOrder): Promise<void> {
    await untilState(payer, chargeId, ChargeState.CHARGED);
    expect((await suite.sim.ledger(chargeId)).totals).to.include({ captured: 5_000 });
    const entries = await suite.sql.query("SELECT 1 FROM ledger_entry WHERE reference = ?", [chargeId]);
    expect(entries).to.have.length(2);
  }

  for (const [place, confirms] of [
    ["charge.confirming", 1],
    ["charge.paid", 1],
  ] as const) {
    it(`is finished by another replica after a crash at ${place}`, async () => {
      const replica = await startOwn({ FAILPOINT: `${place}:kill` });
      const paid = await suite.pay(payer);
      await suite.sim.script(paid.chargeId, { webhook: { times: 0 } });
      await confirmAt(replica, paid).then(
        () => expect.fail("the process did not die"),
        () => {},
      );
      await requireChargedOnce(paid);
      const { calls } = await suite.sim.charge(paid.chargeId);
      expect(calls.filter(({ call }) => call === "confirm")).to.have.length(confirms);
    });
  }

  it("continues when its caller hangs up", async () => {
    const paid = await suite.pay(payer);
    await suite.sim.script(paid.chargeId, { confirm: [{ held: true }], webhook: { times: 0 } });
    const hangUp = new AbortController();
    const call = payer.points.confirmCharge(paid, { signal: hangUp.signal }).then(
      () => "answered",
      () => "ended",
    );
    const confirms = async () =>
      (await suite.sim.charge(paid.chargeId)).calls.filter(each => each.call === "confirm").length;
    await until(async () => (await confirms()) === 1, "the PSP is asked to confirm");
    hangUp.abort();
    expect(await call).to.equal("ended");
    await suite.sim.script(paid.chargeId, { webhook: { times: 0 } });
    await requireChargedOnce(paid);
    expect(await confirms()).to.equal(1);
  });

  it("is answered before its caller's deadline", async () => {
    const replica = await startOwn({ POINT_TOSS_TIMEOUT_MS: "60000", POINT_CONFIRM_WAIT_MS: "5000" });
    const paid = await suite.pay(payer);
    await suite.sim.script(paid.chargeId, { confirm: [{ held: true }], webhook: { times: 0 } });
    const { charge } = await confirmAt(replica, paid, { timeoutMs: 3000 });
    expect(charge?.state).to.equal(ChargeState.CONFIRMING);
    await suite.sim.script(paid.chargeId, {});
    await requireChargedOnce(paid);
  });

  it("is finished before its process stops", async () => {
    const replica = await startOwn({ POINT_CONFIRM_WAIT_MS: "100" });
    const paid = await suite.pay(payer);
    await suite.sim.script(paid.chargeId, { confirm: [{ delayMs: 500 }], webhook: { times: 0 } });
    const { charge } = await confirmAt(replica, paid);
    expect(charge?.state).to.equal(ChargeState.CONFIRMING);
    await Promise.all(replicas.splice(0).map(each => each.stop()));
    await requireChargedOnce(paid);
  });

  it("does not start while the status of the buyer is unknown", async () => {
    const replica = await startOwn({ USER_GRPC_ADDRESSES: "127.0.0.1:9" });
    const paid = await suite.pay(payer);
    expect((await refusalOf(confirmAt(replica, paid))).reason).to.equal("SERVICE_UNAVAILABLE");
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.ORDERED);
  });
});
