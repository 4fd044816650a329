import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { WalletService } from "#gen/questioncloud/point/v1/internal_wallet_pb.ts";
import { LedgerAccount, LedgerEntryType } from "#gen/questioncloud/point/v1/point_pb.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { openPointSuite, type Payer, type PointSuite, requireBalanced } from "../support/psp/point-suite.ts";
import { createInternalClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { until } from "../support/stack/until.ts";

describe("point wallet", () => {
  let suite: PointSuite;
  let user: Payer;

  before(async () => {
    suite = await openPointSuite();
  });
  beforeEach(async () => {
    user = await suite.payer();
  });
  afterEach(() => requireBalanced(suite.sql, user.userId));
  after(() => suite?.close());

  const walletOf = async ({ token }: Payer) => {
    const { wallet } = await suite.points(token).getWallet({});
    return [wallet?.balancePoints, wallet?.paidPoints, wallet?.bonusPoints, wallet?.heldPoints].map(Number);
  };
  const reserve = (amountPoints: bigint, purchaseId: string = uuidv7(), userId = user.userId) =>
    suite.wallets.reservePoints({ purchaseId, amountPoints }, onBehalfOf(userId)).then(() => purchaseId);
  const confirm = (purchaseId: string) =>
    suite.reservations.confirmReservation({ reservationId: purchaseId }, onBehalfOf(user.userId));
  const release = (purchaseId: string) =>
    suite.reservations.releaseReservation({ reservationId: purchaseId }, onBehalfOf(user.userId));
  async function fund(paidPoints: bigint, bonusPoints: bigint): Promise<void> {
    await suite.give(user.userId, paidPoints);
    await suite.give(user.userId, bonusPoints, LedgerAccount.BONUS);
  }

  it("is empty for a user who never had points", async () => {
    expect(await walletOf(user)).to.deep.equal([0, 0, 0, 0]);
    expect(await suite.points(user.token).listLedgerEntries({})).to.include({ nextPageToken: "" });
  });

  it("spends bonus points first, and shows every step", async () => {
    await fund(1_000n, 300n);
    const purchaseId = await reserve(500n);
    expect(await walletOf(user)).to.deep.equal([800, 800, 0, 500]);
    await confirm(purchaseId);
    expect(await walletOf(user)).to.deep.equal([800, 800, 0, 0]);
    const { entries } = await suite.points(user.token).listLedgerEntries({});
    expect(
      entries.map(({ type, account, deltaPoints }) => [type, account, Number(deltaPoints)]),
    ).to.deep.equal([
      [LedgerEntryType.SPEND, LedgerAccount.HELD, -500],
      [LedgerEntryType.HOLD, LedgerAccount.HELD, 200],
      [LedgerEntryType.HOLD, LedgerAccount.PAID, -200],
      [LedgerEntryType.HOLD, LedgerAccount.HELD, 300],
      [LedgerEntryType.HOLD, LedgerAccount.BONUS, -300],
      [LedgerEntryType.ADJUSTMENT, LedgerAccount.BONUS, 300],
      [LedgerEntryType.ADJUSTMENT, LedgerAccount.PAID, 1_000],
    ]);
    expect(entries[0]).to.include({ reference: purchaseId });
  });

  it("returns released points to the accounts they came from", async () => {
    await fund(1_000n, 300n);
    const purchaseId = await reserve(500n);
    await Promise.all([release(purchaseId), release(purchaseId)]);
    expect(await walletOf(user)).to.deep.equal([1_300, 1_000, 300, 0]);
    expect((await refusalOf(reserve(500n, purchaseId))).reason).to.equal("RESERVATION_RELEASED");
    expect((await refusalOf(confirm(purchaseId))).reason).to.equal("RESERVATION_RELEASED");
  });

  it("refuses a reserve after the release", async () => {
    await fund(1_000n, 1n);
    const purchaseId = uuidv7();
    await release(purchaseId);
    expect((await refusalOf(reserve(500n, purchaseId))).reason).to.equal("RESERVATION_RELEASED");
    expect(await walletOf(user)).to.deep.equal([1_001, 1_000, 1, 0]);
  });

  it("holds and spends once, however often it is called", async () => {
    await fund(1_000n, 1n);
    const purchaseId = uuidv7();
    await Promise.all(Array.from({ length: 8 }, () => reserve(400n, purchaseId)));
    expect((await refusalOf(reserve(401n, purchaseId))).reason).to.equal("RESERVATION_MISMATCH");
    const byAnotherUser = reserve(400n, purchaseId, user.userId + 5_000_000n);
    expect((await refusalOf(byAnotherUser)).reason).to.equal("RESERVATION_MISMATCH");
    await Promise.all(Array.from({ length: 8 }, () => confirm(purchaseId)));
    expect((await refusalOf(release(purchaseId))).reason).to.equal("RESERVATION_CONFIRMED");
    expect((await refusalOf(confirm(uuidv7()))).reason).to.equal("NOT_FOUND");
    expect(await walletOf(user)).to.deep.equal([601, 601, 0, 0]);
  });

  it("refuses to hold more points than available, and names the available amount", async () => {
    expect(await refusalOf(reserve(1n))).to.include({ reason: "NOT_ENOUGH_POINT" });
    await fund(1_000n, 200n);
    await reserve(100n);
    const { reason, metadata } = await refusalOf(reserve(1_101n));
    expect([reason, metadata]).to.deep.equal(["NOT_ENOUGH_POINT", { required: "1101", available: "1100" }]);
    expect(await walletOf(user)).to.deep.equal([1_100, 1_000, 100, 100]);
  });

  it("stays exact under 64 purchases at once, also when bonus points run out among them", async () => {
    await fund(1_000n, 450n);
    const asked = Array.from({ length: 64 }, () => reserve(30n).catch((error: Error) => error.message));
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter(outcome => outcome === "NOT_ENOUGH_POINT")).to.have.length(64 - 48);
    expect(await walletOf(user)).to.deep.equal([10, 10, 0, 1_440]);
  });

  it("can be called by pay alone", async () => {
    const coupon = await createInternalClient(suite.stack, {
      service: WalletService,
      callee: "point",
      as: "coupon",
    });
    const asked = coupon.reservePoints({ purchaseId: uuidv7(), amountPoints: 1n }, onBehalfOf(user.userId));
    expect((await refusalOf(asked)).reason).to.be.oneOf(["FORBIDDEN", "INTERNAL_SERVER_ERROR"]);
    coupon.close();
  });

  it("spends or releases held points on the events of the purchase, too", async () => {
    await fund(1_000n, 1n);
    const { userId } = user;
    const [paid, cancelled, free] = [await reserve(100n), await reserve(200n), uuidv7()];
    const times = { createTime: timestampNow(), payTime: timestampNow() };
    const purchased = (purchaseId: string, amountPoints: bigint) =>
      deliverTo(suite.stack, "point", QuestionsPurchasedSchema, {
        ...{
          purchaseId,
          userId,
          requestId: crypto.randomUUID(),
          lines: [{ questionId: 1n }],
          amountPoints,
          ...times,
        },
      });
    await Promise.all([purchased(paid, 100n), purchased(paid, 100n), purchased(free, 0n)]);
    await deliverTo(suite.stack, "point", PurchaseCancelledSchema, {
      purchaseId: cancelled,
      userId,
      reason: "PRICE_CHANGED",
    });
    await until(async () => (await walletOf(user)).join() === "901,901,0,0", "both events were handled");
  });

  it("lists its ledger entries in pages, to its owner alone", async () => {
    for (let index = 1n; index <= 5n; index++) {
      await suite.give(user.userId, index);
    }
    const seen: bigint[] = [];
    for (let pageToken = "", more = true; more; more = pageToken !== "") {
      const page = await suite.points(user.token).listLedgerEntries({ pageSize: 2, pageToken });
      seen.push(...page.entries.map(entry => entry.deltaPoints));
      pageToken = page.nextPageToken;
    }
    expect(seen).to.deep.equal([5n, 4n, 3n, 2n, 1n]);
    const { nextPageToken } = await suite.points(user.token).listLedgerEntries({ pageSize: 2 });
    const other = await suite.payer();
    for (const [token, pageToken] of [
      [other.token, nextPageToken],
      [user.token, "garbage"],
    ] as const) {
      const asked = suite.points(token).listLedgerEntries({ pageToken });
      expect((await refusalOf(asked)).reason).to.equal("INVALID_PAGE_TOKEN");
    }
    expect((await suite.points(other.token).listLedgerEntries({})).entries).to.deep.equal([]);
  });
});
