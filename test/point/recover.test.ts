import { expect } from "chai";
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
  let other: Payer;

  before(async () => {
    suite = await openPointSuite();
    [payer, other] = await Promise.all([suite.payer(), suite.payer()]);
  });
  after(() => suite?.close());

  async function lostOf(chargeId: string, apply: boolean, env: Record<string, string> = {}) {
    const found = [];
    // The day may have ended since the capture.
    for await (const lost of recoverCharges({ ...suite.stack.env, ...env }, { days: 2, apply })) {
      found.push(...(lost.chargeId === chargeId ? [lost] : []));
    }
    return found;
  }

  /** An order and what its checkout tells the PSP, after a restore to a point before it. */
  async function forgotten(chosen: ChargePackage = ChargePackage.B, of = payer) {
    const request = { requestId: crypto.randomUUID(), package: chosen };
    const { checkout, charge } = await of.points.createCharge(request);
    const { chargeId = "", amountPoints = 0n } = charge ?? {};
    await suite.sim.script(chargeId, { webhook: { times: 0 } });
    const url = checkout?.url ?? "";
    const metadata = JSON.parse(new URL(url).searchParams.get("metadata") ?? "") as Record<string, string>;
    await suite.sql.query("DELETE FROM charge WHERE charge_id = ?", [chargeId]);
    await suite.sql.query("DELETE FROM task WHERE id = ?", [chargeId]);
    return { chargeId, amountPoints, metadata, url };
  }

  type Forgotten = Awaited<ReturnType<typeof forgotten>>;

  /** Captured at the PSP without the ledger; the buyer's browser said what it liked. */
  async function captured(
    order: Forgotten,
    said: { metadata?: Record<string, string>; amountPoints?: bigint } = {},
  ) {
    const { chargeId } = order;
    const { metadata = order.metadata, amountPoints = order.amountPoints } = said;
    const paymentKey = await suite.sim.authorize(chargeId, Number(amountPoints), "card", metadata);
    await captureAtPsp(suite, { chargeId, paymentKey, amountPoints });
    return { chargeId, paymentKey };
  }

  const auditOf = (chargeId: string) =>
    suite.sql.query("SELECT admin_user_id, action, detail FROM audit_log WHERE subject = ?", [chargeId]);

  it("are listed, entered again and credited once to who paid, which is in the audit log", async () => {
    const { chargeId, url, amountPoints } = await forgotten(ChargePackage.D);
    await captureAtPsp(suite, await payAtPage(url));

    expect(await lostOf(chargeId, false)).to.have.length(1);
    expect(await auditOf(chargeId)).to.deep.equal([]);
    const [lost] = await lostOf(chargeId, true);
    expect(lost).to.deep.include({ amountPoints, charge: { userId: payer.userId, package: "D" } });
    await untilState(payer, chargeId, ChargeState.CHARGED);
    expect(await lostOf(chargeId, true)).to.deep.equal([]);
    expect((await payer.points.getWallet({})).wallet?.paidPoints).to.equal(30_000n);
    await requireBalanced(suite.sql, payer.userId);
    const detail = { userId: `${payer.userId}`, amountPoints: "30000", provider: "toss" };
    const entries = await auditOf(chargeId);
    expect(entries).to.deep.equal([{ admin_user_id: null, action: "point.recover-charge", detail }]);
  });

  it("are left to an administrator where anything that is signed was altered, or nothing is signed", async () => {
    const foreign = (await forgotten(ChargePackage.B, other)).metadata;
    const earlier = (await forgotten()).metadata;
    const [id, thief] = [`${payer.userId}`, `${other.userId}`];
    const wrong = (userId: string) => `user ${userId} is signed for another payment, or by somebody else`;
    type Said = Parameters<typeof captured>[1];
    const cases: readonly (readonly [(own: Record<string, string>) => Said, string])[] = [
      [own => ({ metadata: { ...own, userId: thief } }), wrong(thief)],
      [() => ({ metadata: foreign }), wrong(thief)],
      [() => ({ metadata: earlier }), wrong(id)],
      [() => ({ amountPoints: 10_000n }), wrong(id)],
      [own => ({ metadata: { ...own, ownerSignature: "" } }), wrong(id)],
      [() => ({ metadata: { userId: id } }), `user ${id} is not signed`],
      [() => ({ metadata: {} }), "the payment names no user"],
    ];
    const [problems, orders] = [[] as string[], [] as Forgotten[]];
    for (const [said] of cases) {
      const order = await forgotten();
      orders.push(order);
      const { chargeId } = await captured(order, said(order.metadata));
      const [lost] = await lostOf(chargeId, true);
      problems.push(lost?.charge && "problem" in lost.charge ? lost.charge.problem : "entered");
      expect(await auditOf(chargeId)).to.deep.equal([]);
    }
    expect(problems).to.deep.equal(cases.map(([, problem]) => problem));
    const { discrepancies } = await suite.admin.listDiscrepancies({ pageSize: 100 });
    const kinds = orders.map(
      ({ chargeId }) => discrepancies.find(found => found.chargeId === chargeId)?.kind,
    );
    expect(new Set(kinds)).to.deep.equal(new Set([DiscrepancyKind.MISSING_CREDIT]));
    expect((await other.points.getWallet({})).wallet?.paidPoints ?? 0n).to.equal(0n);
  });

  it("are known by every secret that is configured, and by no other", async () => {
    const { chargeId } = await captured(await forgotten());
    const { POINT_CHECKOUT_SECRETS: current = "" } = suite.stack.env;
    const next = "n".repeat(32);
    const [unknown] = await lostOf(chargeId, false, { POINT_CHECKOUT_SECRETS: next });
    expect(unknown?.charge)
      .to.have.property("problem")
      .that.matches(/by somebody else$/);
    const [known] = await lostOf(chargeId, false, { POINT_CHECKOUT_SECRETS: `${next},${current}` });
    expect(known?.charge).to.deep.equal({ userId: payer.userId, package: "B" });
  });

  it("are left where the account is gone, and out where the money went back", async () => {
    const [order, returned] = [await forgotten(), await captured(await forgotten())];
    const { chargeId } = await captured(order);
    await suite.sql.query("UPDATE user.user SET status = 'WITHDRAWN' WHERE user_id = ?", [payer.userId]);
    const [lost] = await lostOf(chargeId, false).finally(() =>
      suite.sql.query("UPDATE user.user SET status = 'ACTIVE' WHERE user_id = ?", [payer.userId]),
    );
    expect(lost?.charge).to.have.property("problem", `user ${payer.userId} is unknown`);
    await suite.sim.cancel(returned.paymentKey);
    expect(await lostOf(returned.chargeId, true)).to.deep.equal([]);
  });

  it("are left where the PSP's row about them cannot be read", async () => {
    const { chargeId } = await captured(await forgotten());
    await suite.sim.script(chargeId, { transactions: { amount: "5,000" } });
    const [lost] = await lostOf(chargeId, true);
    expect(lost?.charge).to.have.property("problem", "the PSP's row cannot be read");
    const { discrepancies } = await suite.admin.listDiscrepancies({ pageSize: 100 });
    const kinds = discrepancies.filter(found => found.chargeId === chargeId).map(({ kind }) => kind);
    expect(kinds).to.deep.equal([DiscrepancyKind.UNREADABLE]);
  });

  it("are entered although their buyer has used the charge's id for another request", async () => {
    const { chargeId } = await captured(await forgotten());
    await payer.points.createCharge({ requestId: chargeId, package: ChargePackage.A });
    const [lost] = await lostOf(chargeId, true);
    expect(lost?.charge).to.deep.equal({ userId: payer.userId, package: "B" });
    await untilState(payer, chargeId, ChargeState.CHARGED);
  });

  it("that are a discrepancy already are no longer one when they are entered", async () => {
    const { chargeId } = await captured(await forgotten());
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
