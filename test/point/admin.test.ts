import { expect } from "chai";
import { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { ChargeState, LedgerAccount } from "#gen/questioncloud/point/v1/point_pb.ts";
import { signUpAdmin } from "../support/market/people.ts";
import {
  age,
  openPointSuite,
  type Payer,
  type PointSuite,
  requireBalanced,
  untilState,
} from "../support/psp/point-suite.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

describe("point operators", () => {
  let suite: PointSuite;
  let payer: Payer;

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
  });
  afterEach(() => requireBalanced(suite.sql, payer.userId));
  after(() => suite?.close());

  const adjustment = (deltaPoints: bigint, account: LedgerAccount = LedgerAccount.PAID) => ({
    requestId: crypto.randomUUID() as string,
    userId: payer.userId,
    deltaPoints,
    account,
    reason: "보상",
  });

  it("add and remove points once per request id, recorded in the audit log", async () => {
    const request = adjustment(700n, LedgerAccount.BONUS);
    const answers = await Promise.all(Array.from({ length: 5 }, () => suite.admin.adjustPoints(request)));
    expect(answers.map(({ wallet }) => wallet?.bonusPoints)).to.deep.equal(Array(5).fill(700n));
    await suite.admin.adjustPoints(adjustment(-200n, LedgerAccount.BONUS));
    const { wallet } = await payer.points.getWallet({});
    expect(wallet).to.deep.include({ balancePoints: 500n, bonusPoints: 500n, paidPoints: 0n });
    const audited = await suite.sql.query(
      "SELECT admin_user_id, detail FROM audit_log WHERE action = 'point.adjust' AND subject = ?",
      [payer.userId.toString()],
    );
    expect(audited).to.have.length(2);
    expect(audited[0].admin_user_id).to.equal(suite.operator.userId);
    for (const changed of [
      { deltaPoints: 701n },
      { account: LedgerAccount.PAID },
      { reason: "x" },
      { userId: 1n },
    ]) {
      const call = suite.admin.adjustPoints({ ...request, ...changed });
      expect((await refusalOf(call)).reason).to.equal("IDEMPOTENCY_KEY_REUSED");
    }
  });

  it("give nothing to a user who does not exist", async () => {
    const userId = 2n ** 60n;
    const { reason } = await refusalOf(suite.admin.adjustPoints({ ...adjustment(1n), userId }));
    expect(reason).to.equal("NOT_FOUND");
    expect(await suite.sql.query("SELECT 1 FROM wallet WHERE user_id = ?", [userId])).to.deep.equal([]);
  });

  it("add points once where the request id comes in capitals or the reason decomposed", async () => {
    const before = (await payer.points.getWallet({})).wallet?.paidPoints ?? 0n;
    const request = adjustment(300n);
    for (const requestId of [request.requestId, request.requestId.toUpperCase()]) {
      for (const form of ["NFC", "NFD"]) {
        await suite.admin.adjustPoints({ ...request, requestId, reason: request.reason.normalize(form) });
      }
    }
    expect((await payer.points.getWallet({})).wallet?.paidPoints).to.equal(before + 300n);
    await suite.admin.adjustPoints(adjustment(-300n));
  });

  it("have request ids of their own", async () => {
    const request = adjustment(40n);
    const other = await signUpAdmin(suite.stack);
    const asOther = createPublicClient(suite.stack, PointAdminService, { token: other.token });
    await suite.admin.adjustPoints(request);
    await asOther.adjustPoints({ ...request, deltaPoints: 2n });
    const { wallet } = await asOther.adjustPoints({ ...request, deltaPoints: 2n });
    expect(wallet?.paidPoints).to.equal(42n);
    const { entries } = await payer.points.listLedgerEntries({ pageSize: 2 });
    expect(new Set(entries.map(({ reference }) => reference))).to.have.length(2);
    await suite.admin.adjustPoints(adjustment(-42n));
  });

  it("cannot overdraw a wallet or exceed its limit", async () => {
    const taken = await refusalOf(suite.admin.adjustPoints(adjustment(-1n)));
    expect([taken.reason, taken.metadata]).to.deep.equal([
      "NOT_ENOUGH_POINT",
      { required: "1", available: "0" },
    ]);
    const giving = Array.from({ length: 11 }, () => suite.admin.adjustPoints(adjustment(10_000_000n)));
    const outcomes = await Promise.allSettled(giving);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).to.have.length(9);
    const { reason } = await refusalOf(suite.admin.adjustPoints(adjustment(10_000_000n)));
    expect(reason).to.equal("POINT_LIMIT_EXCEEDED");
    for (let index = 0; index < 9; index++) {
      await suite.admin.adjustPoints(adjustment(-10_000_000n));
    }
  });

  it("are refused requests that violate the contract", async () => {
    const broken = [
      { ...adjustment(1n), requestId: "1" },
      adjustment(0n),
      adjustment(10_000_001n),
      adjustment(1n, LedgerAccount.HELD),
      { ...adjustment(1n), reason: "" },
      { ...adjustment(1n), reason: "\u00a0\u3000" },
    ];
    for (const request of broken) {
      expect((await refusalOf(suite.admin.adjustPoints(request))).reason).to.equal("BAD_REQUEST");
    }
  });

  it("are the only ones who may call", async () => {
    const user = createPublicClient(suite.stack, PointAdminService, { token: payer.token });
    const calls = [
      () => user.adjustPoints(adjustment(1n)),
      () => user.listDiscrepancies({}),
      () => user.resolveDiscrepancy({ discrepancyId: 1n, note: "?" }),
      () => user.listOpenCharges({}),
      () => user.closeCharge({ chargeId: crypto.randomUUID(), reason: "?" }),
    ];
    for (const call of calls) {
      expect((await refusalOf(call())).reason).to.equal("FORBIDDEN");
    }
    for (const list of [suite.admin.listDiscrepancies, suite.admin.listOpenCharges]) {
      expect((await refusalOf(list({ pageToken: "garbage" }))).reason).to.equal("INVALID_PAGE_TOKEN");
    }
  });

  it("see charges without an outcome, with the last error", async () => {
    const [unclear, lapsed] = [await suite.pay(payer), await suite.pay(payer)];
    const unavailable = Array(40).fill({ drop: "before" });
    await suite.sim.script(unclear.chargeId, { confirm: unavailable.slice(0, 1), find: unavailable });
    await suite.sim.script(lapsed.chargeId, { find: unavailable });
    await payer.points.confirmCharge(unclear);
    await age(suite.sql, lapsed.chargeId);
    const listed = await until(async () => {
      const { charges } = await suite.admin.listOpenCharges({ pageSize: 100 });
      const ours = charges.filter(({ userId }) => userId === payer.userId);
      return ours.length === 2 && ours.every(({ lastError }) => lastError === "connection")
        ? ours
        : undefined;
    }, "both are listed");
    expect(listed.map(({ charge }) => charge?.chargeId)).to.deep.equal([lapsed.chargeId, unclear.chargeId]);
    expect(listed[1]?.attempts).to.be.greaterThan(0);
    const first = await suite.admin.listOpenCharges({ pageSize: 1 });
    const second = await suite.admin.listOpenCharges({ pageSize: 1, pageToken: first.nextPageToken });
    expect(second.charges[0]?.charge?.chargeId).not.to.equal(first.charges[0]?.charge?.chargeId);
    await suite.sim.script(unclear.chargeId, { find: [] });
    await suite.sim.script(lapsed.chargeId, { find: [] });
    await untilState(payer, unclear.chargeId, ChargeState.CHARGED);
    await untilState(payer, lapsed.chargeId, ChargeState.EXPIRED);
  });

  it("see outstanding and issued points and the PSP's answers as metrics", async () => {
    await suite.admin.adjustPoints(adjustment(10n));
    await payer.points.confirmCharge(await suite.pay(payer));
    const probe = suite.stack.ports.services.point?.probe;
    await until(async () => {
      const text = await (await fetch(`http://127.0.0.1:${probe}/metrics`)).text();
      const measureOf = (name: string) =>
        Number(new RegExp(`^${name}\\S* (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
      const positive = [
        'point_outstanding_points\\{account="paid"',
        'point_issued_year_points\\{source="given"',
      ];
      const present = [
        "point_discrepancies_open",
        'point_charges_open\\{state="confirming"',
        'provider_call_duration_seconds_count\\{\\S*server_service_name="toss",operation="confirm",outcome="succeeded"',
      ];
      return positive.every(name => measureOf(name) > 0) && present.every(name => measureOf(name) >= 0);
    }, "the metrics are there");
  });
});
