import { expect } from "chai";
import fc from "fast-check";
import {
  type AskedCharge,
  afterConfirm,
  afterFind,
  answersAttempt,
  type ChargeState,
  chargeStates,
  nextStates,
  type Step,
} from "./charge-rules.ts";
import type { PgAnswer, PgPayment, PgPaymentStatus } from "./pg/pg.ts";

const key = fc.constantFrom("key-ours", "key-other");
const amount = fc.constantFrom(1_000n, 5_000n);

const charge: fc.Arbitrary<AskedCharge> = fc
  .record({
    state: fc.constantFrom(...chargeStates),
    amountPoints: amount,
    hasKey: fc.boolean(),
    attempt: fc.integer({ min: 1, max: 5 }),
    attemptAnswered: fc.boolean(),
    overdue: fc.boolean(),
  })
  .map(({ hasKey, ...rest }) => {
    const known =
      rest.state === "CONFIRMING" || rest.state === "CHARGED" || (rest.state !== "ORDERED" && hasKey);
    return { ...rest, paymentKey: known ? "key-ours" : undefined };
  });

function payment(...statuses: PgPaymentStatus[]): fc.Arbitrary<PgPayment> {
  return fc.record({
    chargeId: fc.constant("charge"),
    paymentKey: key,
    status: fc.constantFrom(...statuses),
    amountPoints: amount,
    balancePoints: fc.constantFrom(0n, 400n),
    method: fc.constant(undefined),
    approvedAt: fc.constant(undefined),
    receiptUrl: fc.constant(undefined),
    cancels: fc.constant([]),
  });
}

const answer: fc.Arbitrary<PgAnswer> = fc.oneof(
  payment("captured").map(got => ({ outcome: "succeeded" as const, payment: got })),
  payment("cancelled", "partlyCancelled").map(got => ({ outcome: "reversed" as const, payment: got })),
  payment("aborted", "expired").map(got => ({
    outcome: "declined" as const,
    code: "NO",
    message: "no",
    payment: got,
  })),
  payment("opened", "authorised", "awaitingDeposit").map(got => ({
    outcome: "notYet" as const,
    payment: got,
  })),
  fc.constant({ outcome: "notYet" as const }),
  fc
    .constantFrom("running", "temporary", "timeout", "connection", "malformed", "mismatch", "refused")
    .map(cause => ({ outcome: "unknown" as const, cause }) as PgAnswer),
);

const moves: Partial<Record<Step["do"], ChargeState>> = {
  credit: "CHARGED",
  fail: "FAILED",
  expire: "EXPIRED",
};

function holds(
  rule: (charge: AskedCharge, answer: PgAnswer, step: Step, asked: "find" | "confirm") => void,
): void {
  fc.assert(
    fc.property(charge, answer, (given, got) => {
      rule(given, got, afterFind(given, got), "find");
      if (given.state === "CONFIRMING") {
        rule(given, got, afterConfirm(given, got), "confirm");
      }
    }),
    { numRuns: 2_000 },
  );
}

describe("the rules of a charge", () => {
  it("move it along the state machine only", () => {
    holds(({ state }, _answer, step) => {
      const target = moves[step.do];
      expect(target === undefined || nextStates[state].includes(target)).to.equal(true);
    });
    expect(nextStates.CHARGED).to.deep.equal([]);
  });

  it("credit what was captured with our amount and payment key, and nothing else", () => {
    holds((given, got, step) => {
      const isOurs =
        got.outcome === "succeeded" &&
        got.payment.amountPoints === given.amountPoints &&
        (given.paymentKey ?? got.payment.paymentKey) === got.payment.paymentKey;
      expect(step.do === "credit").to.equal(isOurs && given.state !== "CHARGED");
    });
  });

  it("let it fail or expire only where a find shows that no money is held", () => {
    holds((given, got, step, asked) => {
      if (step.do === "fail" || step.do === "expire") {
        expect(asked).to.equal("find");
        expect(got.outcome === "reversed" ? got.payment.balancePoints : 0n).to.equal(0n);
        expect(["declined", "notYet", "reversed"]).to.include(got.outcome);
      }
      if (step.do === "expire") {
        expect(given.overdue).to.equal(true);
      }
    });
  });

  it("raise the attempt by one, and only where a find shows neither done nor running", () => {
    holds((given, got, step, asked) => {
      if (step.do === "confirm") {
        expect([asked, given.state, given.overdue]).to.deep.equal(["find", "CONFIRMING", false]);
        expect(["notYet", "declined"]).to.include(got.outcome);
        expect(step.attempt).to.equal(given.attempt + (given.attemptAnswered ? 1 : 0));
      }
    });
  });

  it("keep the attempt while nobody knows whether it still runs", () => {
    for (const cause of ["timeout", "connection", "malformed", "mismatch"] as const) {
      expect(answersAttempt({ outcome: "unknown", cause }), cause).to.equal(false);
    }
    expect(answersAttempt({ outcome: "unknown", cause: "running", code: "BUSY" })).to.equal(false);
    expect(answersAttempt({ outcome: "unknown", cause: "temporary", code: "LATER" })).to.equal(true);
    expect(answersAttempt({ outcome: "unknown", cause: "refused", code: "NO_KEY" })).to.equal(true);
  });

  it("tell people about money that does not fit", () => {
    holds((given, got, step) => {
      const isReversedCredit = given.state === "CHARGED" && got.outcome === "reversed";
      const isPartOnly = got.outcome === "reversed" && got.payment.balancePoints > 0n;
      const isForeign =
        got.outcome === "succeeded" &&
        (got.payment.amountPoints !== given.amountPoints ||
          (given.paymentKey !== undefined && got.payment.paymentKey !== given.paymentKey));
      if (step.do !== "find") {
        expect(step.do === "report").to.equal(isReversedCredit || isPartOnly || isForeign);
      }
    });
  });

  it("leave a declined payment that is not ours alone", () => {
    const other = { outcome: "declined", code: "NO", message: "", payment: { paymentKey: "key-other" } };
    const given: AskedCharge = {
      ...{ state: "CONFIRMING", amountPoints: 1_000n, paymentKey: "key-ours", attempt: 1 },
      ...{ attemptAnswered: false, overdue: false },
    };
    expect(afterFind(given, other as PgAnswer)).to.deep.equal({ do: "confirm", attempt: 1 });
  });
});
