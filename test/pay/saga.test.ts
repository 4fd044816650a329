import { expect } from "chai";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { type Behavior, type ParticipantName, participantNames } from "../support/component/participants.ts";
import { createPayComponent, type PayComponent, type PayReplica } from "../support/component/pay.ts";

// Every branch of the purchase, against a real database and participants in memory. The tests through the
// public API cover one of each kind.
describe("the purchase saga", () => {
  let component: PayComponent;

  before(async function () {
    this.timeout(120_000);
    component = await createPayComponent(await componentEnvironment("pay"));
  });

  after(() => component?.close());

  const statesOf = (purchaseId: string) =>
    participantNames.map(name => component.participants.stateOf(name, purchaseId));

  /** Buys on a replica that may crash meanwhile. Returns what the caller saw, and the purchase id. */
  async function buy(replica: PayReplica) {
    const requestId = crypto.randomUUID();
    const answer = await replica.purchase(requestId).catch((error: unknown) => error);
    const purchase = await replica.find(requestId);
    return { requestId, answer, purchaseId: purchase?.purchaseId ?? "" };
  }

  async function expectPaid(requestId: string, purchaseId: string): Promise<void> {
    const survivor = await component.createReplica();
    expect((await survivor.resolve(requestId)).state).to.equal("PAID");
    expect(await component.eventsOf(purchaseId)).to.deep.equal(["QuestionsPurchased"]);
    expect(await component.tasksOf(purchaseId)).to.equal(0);
  }

  // What the buyer may use at once; the event confirms the others.
  const paidStates = ["CONFIRMED", "RESERVED", "RESERVED"];

  it("pays when no participant refuses, confirms the entitlements at once and leaves no task", async () => {
    const { requestId, answer, purchaseId } = await buy(await component.createReplica());
    expect(answer).to.equal(PurchaseState.PAID);
    expect(statesOf(purchaseId)).to.deep.equal(paidStates);
    await expectPaid(requestId, purchaseId);
  });

  for (const participant of participantNames) {
    it(`cancels when ${participant} refuse, and releases what was held`, async () => {
      component.participants.script(participant, "reserve", "refuse");
      const { answer, purchaseId } = await buy(await component.createReplica());
      expect(answer).to.have.deep.property("metadata", { participant, purchase_id: purchaseId });
      expect(statesOf(purchaseId)).to.deep.equal(["RELEASED", "RELEASED", "RELEASED"]);
      expect(await component.eventsOf(purchaseId)).to.deep.equal(["PurchaseCancelled"]);
      expect(await component.tasksOf(purchaseId)).to.equal(0);
    });

    const passing: readonly Behavior[] = ["unreachable", "lost", "hang", "late"];
    for (const behavior of passing) {
      it(`is pending, then paid, when ${participant} once: ${behavior} at reserve`, async () => {
        component.participants.script(participant, "reserve", behavior);
        const { requestId, answer, purchaseId } = await buy(await component.createReplica());
        expect(answer).to.equal(PurchaseState.PENDING);
        expect(await component.eventsOf(purchaseId)).to.deep.equal([]);
        await expectPaid(requestId, purchaseId);
        expect(statesOf(purchaseId)).to.deep.equal(paidStates);
      });

      it(`is canceled when ${participant} once: ${behavior} at release, and the event releases`, async () => {
        component.participants.script("points", "reserve", "refuse");
        component.participants.script(participant, "release", behavior);
        const { purchaseId } = await buy(await component.createReplica());
        expect(await component.eventsOf(purchaseId)).to.deep.equal(["PurchaseCancelled"]);
        expectOthers(participant, purchaseId, "RELEASED");
      });
    }

    for (const behavior of ["crash before", "crash after"] as const) {
      it(`is paid by another replica after a ${behavior} ${participant} reserve`, async () => {
        component.participants.script(participant, "reserve", behavior);
        const { requestId, answer, purchaseId } = await buy(await component.createReplica());
        expect(answer).to.be.instanceOf(Error);
        await expectPaid(requestId, purchaseId);
        expect(statesOf(purchaseId)).to.deep.equal(paidStates);
      });
    }
  }

  for (const behavior of ["unreachable", "lost", "hang", "late"] as const) {
    it(`is paid when entitlements once: ${behavior} at confirm, and the event confirms`, async () => {
      component.participants.script("entitlements", "confirm", behavior);
      const { requestId, answer, purchaseId } = await buy(await component.createReplica());
      expect(answer).to.equal(PurchaseState.PAID);
      await expectPaid(requestId, purchaseId);
    });
  }

  for (const behavior of ["crash before", "crash after"] as const) {
    it(`stays paid after a ${behavior} entitlements confirm`, async () => {
      component.participants.script("entitlements", "confirm", behavior);
      const { requestId, purchaseId } = await buy(await component.createReplica());
      await expectPaid(requestId, purchaseId);
    });
  }

  it("is canceled once it has waited too long, and everything is released for good", async () => {
    component.participants.script("points", "reserve", "late");
    const { requestId, purchaseId } = await buy(await component.createReplica());
    await component.age(purchaseId, 601);
    const purchase = await (await component.createReplica()).resolve(requestId);
    expect(purchase).to.include({ state: "CANCELLED", cancelReason: "PURCHASE_TIMED_OUT" });
    expect(statesOf(purchaseId)).to.deep.equal(["RELEASED", "RELEASED", "RELEASED"]);
    expect(await component.eventsOf(purchaseId)).to.deep.equal(["PurchaseCancelled"]);
  });

  it("publishes one event when several replicas complete it at once", async () => {
    component.participants.script("points", "reserve", "unreachable");
    const { requestId, purchaseId } = await buy(await component.createReplica());
    const replicas = await Promise.all([1, 2, 3].map(() => component.createReplica()));
    const ended = await Promise.all(replicas.map(replica => replica.resolve(requestId)));
    expect(ended.map(({ state }) => state)).to.deep.equal(["PAID", "PAID", "PAID"]);
    expect(await component.eventsOf(purchaseId)).to.deep.equal(["QuestionsPurchased"]);
  });

  it("lets a repeat wait while the first call is running, and hands over when that call ends", async () => {
    component.participants.script("coupons", "reserve", "hang");
    const replica = await component.createReplica();
    const requestId = crypto.randomUUID();
    const first = replica.purchase(requestId);
    while ((await replica.find(requestId)) === undefined) {
      await new Promise(resolve => setTimeout(resolve, 2));
    }
    const other = await component.createReplica();
    expect(await other.purchase(requestId)).to.equal(PurchaseState.PENDING);
    expect(await first).to.equal(PurchaseState.PENDING);
    const { purchaseId } = await replica.resolve(requestId);
    await expectPaid(requestId, purchaseId);
  });

  function expectOthers(except: ParticipantName, purchaseId: string, state: string): void {
    const others = participantNames.filter(name => name !== except);
    expect(others.map(name => component.participants.stateOf(name, purchaseId))).to.deep.equal([
      state,
      state,
    ]);
  }
});
