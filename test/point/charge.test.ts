import { timestampMs } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { ChargePackage, ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import {
  age,
  openPointSuite,
  order,
  type PaidOrder,
  type Payer,
  type PointSuite,
  requireBalanced,
  untilState,
} from "../support/psp/point-suite.ts";
import { refusalOf } from "../support/rpc/clients.ts";

describe("point charge", () => {
  let suite: PointSuite;
  let payer: Payer;

  before(async () => {
    suite = await openPointSuite();
  });
  beforeEach(async () => {
    payer = await suite.payer();
  });
  afterEach(() => requireBalanced(suite.sql, payer.userId));
  after(() => suite?.close());

  const confirm = (paid: PaidOrder, by = payer) => by.points.confirmCharge(paid);
  const balance = async () => (await payer.points.getWallet({})).wallet?.balancePoints;

  it("goes from the order through the payment page to points in the wallet", async () => {
    const { charge, checkout } = await payer.points.createCharge({
      requestId: crypto.randomUUID(),
      package: ChargePackage.C,
    });
    const chargeId = charge?.chargeId ?? "";
    expect(charge).to.deep.include({ amountPoints: 10_000n, state: ChargeState.ORDERED, failureMessage: "" });
    const fields = Object.fromEntries(new URL(checkout?.url ?? "").searchParams);
    const site = suite.stack.env.POINT_SITE_URL;
    expect(fields).to.deep.equal({
      clientKey: checkout?.clientKey,
      orderId: chargeId,
      orderName: "포인트 10,000점",
      amount: "10000",
      successUrl: `${site}/charge/success?chargeIdName=orderId&paymentKeyName=paymentKey&amountPointsName=amount`,
      failUrl: `${site}/charge/fail`,
      metadata: fields.metadata,
    });
    const { userId, ownerSignature } = JSON.parse(fields.metadata ?? "");
    expect(userId).to.equal(`${payer.userId}`);
    expect(ownerSignature).to.match(/^[\w-]{43}$/);
    const page = await (await fetch(checkout?.url ?? "")).text();
    const paymentKey = /name="paymentKey" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const body = new URLSearchParams({ paymentKey, action: "pay", method: "card" });
    await fetch(`${suite.stack.pspUrl}/pay`, { method: "POST", body, redirect: "manual" });

    const paid = await payer.points.confirmCharge({ chargeId, paymentKey, amountPoints: 10_000n });
    expect(paid.charge?.state).to.equal(ChargeState.CHARGED);
    expect(paid.charge?.receiptUrl).to.match(/^https:/);
    expect(await balance()).to.equal(10_000n);
    const got = await payer.points.getCharge({ chargeId });
    expect(got.charge).to.deep.equal(paid.charge);
    expect(timestampMs(got.charge?.chargeTime ?? expect.fail())).to.be.closeTo(Date.now(), 60_000);
  });

  it("is ordered once per request id", async () => {
    const request = { requestId: crypto.randomUUID(), package: ChargePackage.A };
    const answers = await Promise.all(Array.from({ length: 8 }, () => payer.points.createCharge(request)));
    expect(new Set(answers.map(({ charge }) => charge?.chargeId))).to.have.length(1);
    const changed = payer.points.createCharge({ ...request, package: ChargePackage.B });
    expect((await refusalOf(changed)).reason).to.equal("IDEMPOTENCY_KEY_REUSED");
    const other = await suite.payer();
    const theirs = await other.points.createCharge(request);
    expect(theirs.charge?.chargeId).not.to.equal(answers[0]?.charge?.chargeId);
  });

  it("is the same charge where its ids come in capitals", async () => {
    const request = { requestId: crypto.randomUUID() as string, package: ChargePackage.A };
    const { charge } = await payer.points.createCharge(request);
    const repeated = await payer.points.createCharge({
      ...request,
      requestId: request.requestId.toUpperCase(),
    });
    expect(repeated.charge?.chargeId).to.equal(charge?.chargeId);
    const paid = await suite.pay(payer);
    const capitals = { ...paid, chargeId: paid.chargeId.toUpperCase() };
    expect((await confirm(capitals)).charge?.state).to.equal(ChargeState.CHARGED);
    expect((await payer.points.getCharge(capitals)).charge?.chargeId).to.equal(paid.chargeId);
    expect(await balance()).to.equal(5_000n);
  });

  it("leaves at most twenty orders open", async () => {
    const asked = Array.from({ length: 24 }, () =>
      order(payer).catch((error: unknown) => refusalOf(Promise.reject(error))),
    );
    const refused = (await Promise.all(asked)).filter(outcome => "reason" in outcome);
    expect(refused.map(({ reason }) => reason)).to.deep.equal(Array(4).fill("TOO_MANY_OPEN_CHARGES"));
  });

  it("belongs to its owner", async () => {
    const paid = await suite.pay(payer);
    const other = await suite.payer();
    expect((await refusalOf(confirm(paid, other))).reason).to.equal("NOT_FOUND");
    expect((await refusalOf(other.points.getCharge(paid))).reason).to.equal("NOT_FOUND");
    expect((await other.points.listCharges({})).charges).to.deep.equal([]);
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.ORDERED);
  });

  it("accepts only the amount and payment key of its order, in every state", async () => {
    const paid = await suite.pay(payer);
    const cheap = { ...paid, amountPoints: 4_999n };
    expect((await refusalOf(confirm(cheap))).reason).to.equal("INVALID_CHARGE_POINT_PAYMENT");
    expect((await confirm(paid)).charge?.state).to.equal(ChargeState.CHARGED);
    for (const wrong of [cheap, { ...paid, paymentKey: "another-key" }]) {
      expect((await refusalOf(confirm(wrong))).reason).to.equal("INVALID_CHARGE_POINT_PAYMENT");
    }
    expect(await balance()).to.equal(5_000n);
  });

  it("is credited once, however often it is confirmed", async () => {
    const paid = await suite.pay(payer);
    await Promise.all(Array.from({ length: 10 }, () => confirm(paid)));
    await untilState(payer, paid.chargeId, ChargeState.CHARGED);
    expect((await confirm(paid)).charge?.state).to.equal(ChargeState.CHARGED);
    expect(await balance()).to.equal(5_000n);
    expect((await suite.sim.ledger(paid.chargeId)).totals).to.deep.include({ captured: 5_000 });
  });

  it("expires when it is not paid in time", async () => {
    const paid = await suite.pay(payer);
    await age(suite.sql, paid.chargeId);
    expect((await refusalOf(confirm(paid))).reason).to.equal("CHARGE_EXPIRED");
    await untilState(payer, paid.chargeId, ChargeState.EXPIRED);
    expect((await refusalOf(confirm(paid))).reason).to.equal("CHARGE_EXPIRED");
    expect(await balance()).to.equal(0n);
  });

  it("is neither ordered nor confirmed for a banned buyer whose token is still valid", async () => {
    const paid = await suite.pay(payer);
    await suite.sql.query("UPDATE user.user SET status = 'BANNED' WHERE user_id = ?", [payer.userId]);
    expect((await refusalOf(confirm(paid))).reason).to.equal("NOT_ACTIVE_USER");
    expect((await refusalOf(order(payer))).reason).to.equal("NOT_ACTIVE_USER");
    expect((await payer.points.getCharge(paid)).charge?.state).to.equal(ChargeState.ORDERED);
  });

  it("does not fill a wallet beyond its limit, counting confirmations in flight", async () => {
    await leaveRoom(10_000n);
    const [one, other] = [await suite.pay(payer), await suite.pay(payer)];
    await suite.sim.script(one.chargeId, { confirm: [{ drop: "before" }] });
    await confirm(one);
    await confirm(other);
    const third = await suite.pay(payer);
    expect((await refusalOf(confirm(third))).reason).to.equal("POINT_LIMIT_EXCEEDED");
    await untilState(payer, one.chargeId, ChargeState.CHARGED);
    expect(await balance()).to.equal(100_000_000n);
  });

  it("leaves room for every credit, however many are confirmed or given at once", async () => {
    await leaveRoom(15_000n);
    const paid = await Promise.all(Array.from({ length: 6 }, () => suite.pay(payer)));
    for (const { chargeId } of paid) {
      await suite.sim.script(chargeId, { confirm: [{ delayMs: 300 }] });
    }
    const asked = [
      ...paid.map(each => confirm(each)),
      ...Array.from({ length: 4 }, () => suite.give(payer.userId, 5_000n)),
    ];
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).to.have.length(3);
    await Promise.all(
      paid.map(({ chargeId }, index) =>
        outcomes[index]?.status === "fulfilled"
          ? untilState(payer, chargeId, ChargeState.CHARGED)
          : payer.points.cancelCharge({ chargeId }),
      ),
    );
    expect(await balance()).to.equal(100_000_000n);
  });

  /** Gives as many points as fit into the wallet, but for some; no adjustment is larger than ten million. */
  async function leaveRoom(roomPoints: bigint): Promise<void> {
    const gifts = [...Array<bigint>(9).fill(10_000_000n), 10_000_000n - roomPoints];
    await Promise.all(gifts.map(points => suite.give(payer.userId, points)));
  }

  it("is listed with the others of its owner, newest first, by state and in pages", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) {
      ids.unshift((await order(payer)).chargeId);
    }
    const seen: string[] = [];
    for (let pageToken = "", more = true; more; more = pageToken !== "") {
      const page = await payer.points.listCharges({ pageSize: 2, pageToken });
      seen.push(...page.charges.map(charge => charge.chargeId));
      pageToken = page.nextPageToken;
    }
    expect(seen).to.deep.equal(ids);
    const { nextPageToken } = await payer.points.listCharges({ pageSize: 2 });
    const otherList = payer.points.listCharges({ pageToken: nextPageToken, state: ChargeState.CHARGED });
    expect((await refusalOf(otherList)).reason).to.equal("INVALID_PAGE_TOKEN");
    const charged = await payer.points.listCharges({ state: ChargeState.CHARGED });
    expect(charged.charges).to.deep.equal([]);
  });

  it("refuses requests that violate the contract", async () => {
    const chargeId = crypto.randomUUID();
    const broken = [
      () => payer.points.createCharge({ requestId: "1", package: ChargePackage.A }),
      () => payer.points.createCharge({ requestId: crypto.randomUUID() }),
      () => payer.points.confirmCharge({ chargeId, paymentKey: "a b", amountPoints: 1n }),
      () => payer.points.confirmCharge({ chargeId, paymentKey: "key", amountPoints: 0n }),
      () => payer.points.getCharge({ chargeId: "no" }),
      () => payer.points.listCharges({ pageSize: -1 }),
    ];
    for (const call of broken) {
      expect((await refusalOf(call())).reason).to.equal("BAD_REQUEST");
    }
  });
});
