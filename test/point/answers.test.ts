import { expect } from "chai";
import type { ScriptInput } from "#dev/sim/psp/script.ts";
import { ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import {
  openPointSuite,
  type PaidOrder,
  type Payer,
  type PointSuite,
  requireBalanced,
  untilState,
} from "../support/psp/point-suite.ts";

type Step = NonNullable<ScriptInput["confirm"]>[number];

/** An answer of the PSP, the state that follows, and the attempts with which the PSP was asked to confirm. */
interface Case {
  readonly title: string;
  readonly confirm: Step[];
  readonly find?: Step[];
  readonly state?: "CHARGED" | "FAILED";
  readonly attempts?: readonly number[];
}

const error = (code: string, status = 400) => ({ error: { status, code, message: "잠시 후 다시" } });

const cases: Case[] = [
  {
    title: "a temporary refusal is tried again under a new key",
    confirm: [error("PROVIDER_ERROR")],
    attempts: [1, 2],
  },
  {
    title: "two temporary refusals, too",
    confirm: [error("COMMON_ERROR", 500), error("UNKNOWN_PAYMENT_ERROR", 500)],
    attempts: [1, 2, 3],
  },
  { title: "an unknown code proves nothing", confirm: [error("BRAND_NEW", 403)], attempts: [1, 2] },
  {
    title: "a request that we got wrong does not fail the charge",
    confirm: [error("UNAUTHORIZED_KEY", 401)],
    attempts: [1, 2],
  },
  {
    title: "a request that was lost is repeated under its key",
    confirm: [{ drop: "before" }],
    attempts: [1, 1],
  },
  { title: "an answer that was lost is found", confirm: [{ drop: "after" }], attempts: [1] },
  { title: "an answer that never comes is found", confirm: [{ hang: "after" }], attempts: [1] },
  {
    title: "a request that hangs is repeated under its key",
    confirm: [{ hang: "before" }],
    attempts: [1, 1],
  },
  { title: "an answer that is no JSON proves nothing", confirm: [{ garbage: true }], attempts: [1] },
  { title: "an answer about another amount proves nothing", confirm: [{ amount: 1 }], attempts: [1] },
  {
    title: "an answer about another order proves nothing",
    confirm: [{ orderId: "another1" }],
    attempts: [1],
  },
  { title: "a charge that comes late counts", confirm: [{ chargeAfterMs: 600, drop: "before" }] },
  { title: "a charge that comes after an error counts", confirm: [{ chargeAfterMs: 600 }] },
  {
    title: "an error for a charge that was made is detected",
    confirm: [{ ...error("PROVIDER_ERROR"), charge: true }],
    attempts: [1],
  },
  {
    title: "a failing find is repeated",
    confirm: [{ drop: "after" }],
    find: [{ drop: "before" }, error("COMMON_ERROR", 500)],
    attempts: [1],
  },
  {
    title: "a find about another amount proves nothing",
    confirm: [{ drop: "after" }],
    find: [{ garbage: true }, { orderId: "another1" }],
    attempts: [1],
  },
  {
    title: "a final refusal ends it",
    confirm: [error("REJECT_CARD_PAYMENT", 403)],
    state: "FAILED",
    attempts: [1],
  },
  {
    title: "a refusal is final only when the payment is closed",
    confirm: [{ ...error("REJECT_CARD_PAYMENT", 403), abort: false } as Step],
    attempts: [1, 2],
  },
];

describe("the answer of the PSP to a confirm", () => {
  let suite: PointSuite;
  let payer: Payer;

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
  });
  after(() => suite?.close());

  async function chargesOf({ chargeId }: PaidOrder) {
    const [credits] = await suite.sql.query(
      "SELECT COALESCE(SUM(delta_points), 0) AS points FROM ledger_entry WHERE reference = ? AND account = 'PAID'",
      [chargeId],
    );
    const [events] = await suite.sql.query(
      "SELECT COUNT(*) AS events FROM outbox WHERE topic = 'point-points-charged' AND body LIKE ?",
      [`%${chargeId}%`],
    );
    const { totals } = await suite.sim.ledger(chargeId);
    return { credited: Number(credits.points), events: Number(events.events), captured: totals.captured };
  }

  for (const { title, confirm, find = [], state = "CHARGED", attempts } of cases) {
    it(title, async () => {
      const paid = await suite.pay(payer);
      await suite.sim.script(paid.chargeId, { confirm, find });
      const { charge } = await payer.points.confirmCharge(paid);
      expect(charge?.state).to.be.oneOf([ChargeState.CONFIRMING, ChargeState[state]]);
      const ended = await untilState(payer, paid.chargeId, ChargeState[state]);
      expect(ended.failureMessage === "").to.equal(state === "CHARGED");
      const money = state === "CHARGED" ? 5_000 : 0;
      const expected = { credited: money, events: money === 0 ? 0 : 1, captured: money };
      expect(await chargesOf(paid)).to.deep.equal(expected);
      if (attempts !== undefined) {
        const { calls } = await suite.sim.charge(paid.chargeId);
        const keys = calls.filter(({ call }) => call === "confirm").map(call => call.idempotencyKey);
        expect(keys).to.deep.equal(attempts.map(attempt => `${paid.chargeId}-${attempt}`));
      }
      await requireBalanced(suite.sql, payer.userId);
    });
  }

  it("a declined card fails the charge with the reason", async () => {
    const paid = await suite.pay(payer, "declinedCard");
    const { charge } = await payer.points.confirmCharge(paid);
    expect(charge?.state).to.equal(ChargeState.FAILED);
    expect(charge?.failureMessage).to.match(/결제에 실패/);
    expect((await payer.points.confirmCharge(paid)).charge?.state).to.equal(ChargeState.FAILED);
    expect(await chargesOf(paid)).to.deep.equal({ credited: 0, events: 0, captured: 0 });
  });

  it("a payment that expired at the PSP fails the charge", async () => {
    const paid = await suite.pay(payer);
    await suite.sim.script(paid.chargeId, { confirm: [{ drop: "before" }] });
    await suite.sim.expire(paid.paymentKey);
    await payer.points.confirmCharge(paid);
    await untilState(payer, paid.chargeId, ChargeState.FAILED);
  });
});
