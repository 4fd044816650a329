import { expect } from "chai";
import { PaymentService, PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import * as payService from "#services/pay/service.ts";
import { type Buyer, createMarket, type Market } from "../support/market/market.ts";
import { createCustomer, ended } from "../support/market/purchase-runs.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { type CommitGate, startCommitGate } from "../support/stack/commit-gate.ts";
import { type Replica, startReplicaHere } from "../support/stack/replica.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("a purchase whose commit is not answered", () => {
  let market: Market;
  let gate: CommitGate;
  let replica: Replica;

  before(async function () {
    this.timeout(120_000);
    market = await createMarket(await sharedStack(), { questionCount: 1 });
    gate = await startCommitGate(market.stack.ports.mariadb);
    const url = new URL(market.stack.env.PAY_DATABASE_URL ?? "");
    url.port = String(gate.port);
    replica = await startReplicaHere(market.stack, "pay", payService, { PAY_DATABASE_URL: url.href });
  });

  after(async () => {
    await replica?.stop();
    await gate?.close();
  });

  const throughGate = (buyer: Buyer) =>
    createPublicClient({ ...market.stack, gatewayUrl: replica.httpUrl }, PaymentService, {
      token: buyer.token,
    });
  const balanceOf = async (buyer: Buyer) => (await buyer.points.getWallet({})).wallet?.balancePoints;

  it("is completed where its start was committed", async () => {
    const { buyer, request } = await createCustomer(market);
    gate.loseAnswerTo("INSERT INTO purchase ");
    const { code } = await refusalOf(throughGate(buyer).purchaseQuestions(request));
    expect(code).to.be.oneOf(["Unavailable", "Internal"]);
    expect(gate.lost()).to.equal(1);
    const { purchase } = await buyer.pay.purchaseQuestions(request);
    expect(purchase?.state).to.be.oneOf([PurchaseState.PENDING, PurchaseState.PAID]);
    expect((await ended(buyer, request)).state).to.equal(PurchaseState.PAID);
    expect(await balanceOf(buyer)).to.equal(11_000n);
  });

  it("is paid once where the payment was committed", async () => {
    const { buyer, request } = await createCustomer(market);
    gate.loseAnswerTo("QuestionsPurchased");
    const { purchase } = await throughGate(buyer).purchaseQuestions(request);
    expect(gate.lost()).to.equal(2);
    expect(purchase?.state).to.equal(PurchaseState.PAID);
    expect((await buyer.pay.purchaseQuestions(request)).purchase).to.deep.equal(purchase);
    expect(await balanceOf(buyer)).to.equal(11_000n);
  });

  it("stays canceled, with its reason, where the cancellation was committed", async () => {
    const { buyer, request } = await createCustomer(market);
    await market.givePoints(buyer.userId, -15_000n);
    gate.loseAnswerTo("PurchaseCancelled");
    const refused = await refusalOf(throughGate(buyer).purchaseQuestions(request));
    expect(gate.lost()).to.equal(3);
    expect(refused.reason).to.equal("NOT_ENOUGH_POINT");
    expect(await refusalOf(buyer.pay.purchaseQuestions(request))).to.deep.equal(refused);
    expect(await balanceOf(buyer)).to.equal(5_000n);
  });
});
