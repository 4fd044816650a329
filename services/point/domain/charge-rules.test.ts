import { expect } from "chai";
import fc from "fast-check";
import type { PspAnswer, PspPayment, PspPaymentStatus } from "../psp/psp.ts";
import {
  afterConfirm,
  afterFind,
  answersAttempt,
  type ChargeState,
  chargeTransitions,
  type JudgedCharge,
  remainingMs,
  type Step,
} from "./charge-rules.ts";

const chargeStates = Object.keys(chargeTransitions) as ChargeState[];
const lifetimeMs = 60_000;
const at = (ms: number) => new Date(1_000_000_000_000 + ms);

/** Times of a charge that was ordered, and perhaps confirmed later, `ageMs` after the last of both. */
function timesOf({ confirmedAtMs, ageMs }: { confirmedAtMs: number | null; ageMs: number }) {
  return {
    createTime: at(0),
    expireTime: at(lifetimeMs),
    confirmTime: confirmedAtMs === null ? null : at(confirmedAtMs),
    readTime: at((confirmedAtMs ?? 0) + ageMs),
  };
}

const key = fc.constantFrom("key-ours", "key-other");
const amount = fc.constantFrom(1_000n, 5_000n);

const charge: fc.Arbitrary<JudgedCharge> = fc
  .record({
    state: fc.constantFrom(...chargeStates),
    amountPoints: amount,
    hasKey: fc.boolean(),
    attempt: fc.integer({ min: 1, max: 5 }),
    attemptAnswered: fc.boolean(),
    confirmedAtMs: fc.integer({ min: 0, max: lifetimeMs }),
    ageMs: fc.constantFrom(0, lifetimeMs - 1, lifetimeMs, 2 * lifetimeMs),
  })
  .map(({ hasKey, confirmedAtMs, ageMs, ...rest }) => {
    const known =
      rest.state === "CONFIRMING" ||
      rest.state === "CHARGED" ||
      (rest.state !== "ORDERED" && rest.state !== "CANCELLED" && hasKey);
    const times = timesOf({ confirmedAtMs: known ? confirmedAtMs : null, ageMs });
    return { ...rest, ...times, paymentKey: known ? "key-ours" : null };
  });

function payment(...statuses: PspPaymentStatus[]): fc.Arbitrary<PspPayment> {
  return fc.record({
    chargeId: fc.constant("charge"),
    paymentKey: key,
    status: fc.constantFrom(...statuses),
    amountPoints: amount,
    owner: fc.constant(undefined),
    balancePoints: fc.constantFrom(0n, 400n),
    method: fc.constant(undefined),
    approvedAt: fc.constant(undefined),
    receiptUrl: fc.constant(undefined),
    cancels: fc.constant([]),
  });
}

const answer: fc.Arbitrary<PspAnswer> = fc.oneof(
  payment("captured").map(got => ({ outcome: "succeeded" as const, payment: got })),
  payment("cancelled", "partlyCancelled").map(got => ({ outcome: "reversed" as const, payment: got })),
  payment("aborted", "expired").map(got => ({
    outcome: "declined" as const,
    code: "NO",
    message: "no",
    payment: got,
  })),
  payment("opened", "authorized", "awaitingDeposit").map(got => ({
    outcome: "notYet" as const,
    payment: got,
  })),
  fc.constant({ outcome: "notYet" as const }),
  fc.constant({ outcome: "unknownKey" as const }),
  fc
    .constantFrom("running", "temporary", "timeout", "connection", "malformed", "mismatch", "refused")
    .map(cause => ({ outcome: "unknown" as const, cause }) as PspAnswer),
);

const moves: Partial<Record<Step["do"], ChargeState>> = {
  credit: "CHARGED",
  fail: "FAILED",
  expire: "EXPIRED",
  reopen: "ORDERED",
};

function holds(
  rule: (charge: JudgedCharge, answer: PspAnswer, step: Step, asked: "find" | "confirm") => void,
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
      expect(target === undefined || chargeTransitions[state].includes(target)).to.equal(true);
    });
    expect(chargeTransitions.CHARGED).to.deep.equal([]);
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
        expect(remainingMs(given)).to.equal(0);
      }
    });
  });

  it("open an order again where a confirm shows that the PSP does not know its key, and nowhere else", () => {
    holds((_charge, got, step, asked) => {
      expect(step.do === "reopen").to.equal(asked === "confirm" && got.outcome === "unknownKey");
    });
  });

  it("let nothing that was closed wait for the PSP again", () => {
    holds(({ state }, _answer, step) => {
      if (state === "CLOSED") {
        expect(step.do).to.be.oneOf(["credit", "report", "release"]);
      }
    });
  });

  it("raise the attempt by one, and only where a find shows neither done nor running", () => {
    holds((given, got, step, asked) => {
      if (step.do === "confirm") {
        expect([asked, given.state, remainingMs(given) > 0]).to.deep.equal(["find", "CONFIRMING", true]);
        expect(["notYet", "declined"]).to.include(got.outcome);
        expect(step.attempt).to.equal(given.attempt + (given.attemptAnswered ? 1 : 0));
      }
    });
  });

  it("keep the attempt while it may still be running", () => {
    for (const cause of ["timeout", "connection", "malformed", "mismatch"] as const) {
      expect(answersAttempt({ outcome: "unknown", cause }), cause).to.equal(false);
    }
    expect(answersAttempt({ outcome: "unknown", cause: "running", code: "BUSY" })).to.equal(false);
    expect(answersAttempt({ outcome: "unknown", cause: "temporary", code: "LATER" })).to.equal(true);
    expect(answersAttempt({ outcome: "unknown", cause: "refused", code: "NO_KEY" })).to.equal(true);
  });

  it("restart the time limit for a buyer who has started to pay", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lifetimeMs }), fc.nat(2 * lifetimeMs), (confirmedAtMs, ageMs) => {
        const left = Math.max(0, lifetimeMs - ageMs);
        expect(remainingMs(timesOf({ confirmedAtMs, ageMs }))).to.equal(left);
        expect(remainingMs(timesOf({ confirmedAtMs: null, ageMs }))).to.equal(left);
      }),
    );
  });

  it("report money that does not match", () => {
    holds((given, got, step) => {
      const isReversedCredit = given.state === "CHARGED" && got.outcome === "reversed";
      const isMissingPayment = given.state === "CHARGED" && ["notYet", "declined"].includes(got.outcome);
      const isPartOnly = got.outcome === "reversed" && got.payment.balancePoints > 0n;
      const isForeign =
        got.outcome === "succeeded" &&
        (got.payment.amountPoints !== given.amountPoints ||
          (given.paymentKey !== null && got.payment.paymentKey !== given.paymentKey));
      if (step.do !== "find") {
        expect(step.do === "report").to.equal(
          isReversedCredit || isMissingPayment || isPartOnly || isForeign,
        );
      }
    });
  });

  it("leave a declined payment that is not ours alone", () => {
    const other = { outcome: "declined", code: "NO", message: "", payment: { paymentKey: "key-other" } };
    const given: JudgedCharge = {
      ...{ state: "CONFIRMING", amountPoints: 1_000n, paymentKey: "key-ours", attempt: 1 },
      ...{ attemptAnswered: false, ...timesOf({ confirmedAtMs: 0, ageMs: 0 }) },
    };
    expect(afterFind(given, other as PspAnswer)).to.deep.equal({ do: "confirm", attempt: 1 });
  });
});
