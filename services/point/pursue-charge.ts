import { backoffMs } from "#kit/claims.ts";
import type { Floor } from "#kit/floor.ts";
import { afterConfirm, afterFind, answersAttempt, type Step } from "./charge-rules.ts";
import { creditCharge } from "./credit-charge.ts";
import type { Pg } from "./pg/pg.ts";
import {
  type Claim,
  type ClaimedCharge,
  findClaimed,
  idempotencyKeyOf,
  markAnswered,
  postpone,
  raiseAttempt,
  rest,
} from "./store/charge-claims.ts";
import { markExpired, markFailed } from "./store/charge-outcomes.ts";
import { recordDiscrepancy } from "./store/discrepancies.ts";

export interface PursuitParts extends Pick<Floor, "database" | "outbox" | "log"> {
  readonly pg: Pg;
  /** Milliseconds between two pursuits of one charge. */
  readonly pause: { readonly baseMs: number; readonly maxMs: number };
}

/** Asks the gateway about a claimed charge until its outcome is known or the gateway cannot tell, and gives the claim back. */
export async function pursueCharge(
  parts: PursuitParts,
  chargeId: string,
  claim: Claim,
  first: "confirm" | "find",
): Promise<void> {
  const charge = await findClaimed(parts.database, chargeId, claim);
  if (charge === undefined) {
    return;
  }
  try {
    await finish(parts, charge, claim, await ask(parts, charge, first));
  } catch (error) {
    parts.log.error({ err: error, chargeId }, "charge was not pursued to an end");
    await wait(parts, charge, claim, "our own fault");
  }
}

type End = Exclude<Step, { do: "find" | "confirm" }>;

// At most one confirm and two finds: whatever is still open then waits for its turn.
async function ask(parts: PursuitParts, charge: ClaimedCharge, first: "confirm" | "find"): Promise<End> {
  const find = async () => afterFind(charge, await parts.pg.find(charge.chargeId));
  let step = first === "find" ? await find() : ({ do: "confirm", attempt: charge.attempt } as const);
  if (step.do === "confirm") {
    step = await confirm(parts, charge, step.attempt);
  }
  if (step.do === "find") {
    step = await find();
  }
  return step.do === "find" || step.do === "confirm" ? { do: "wait", error: "not confirmed yet" } : step;
}

async function confirm(
  { database, pg }: PursuitParts,
  charge: ClaimedCharge,
  attempt: number,
): Promise<Step> {
  const { chargeId, amountPoints, paymentKey } = charge;
  if (paymentKey === undefined) {
    throw new TypeError("a charge without a payment key cannot be confirmed");
  }
  const isNewAttempt = attempt !== charge.attempt;
  if (isNewAttempt && !(await raiseAttempt(database, chargeId, attempt))) {
    return { do: "rest" };
  }
  const idempotencyKey = isNewAttempt ? idempotencyKeyOf(chargeId, attempt) : charge.idempotencyKey;
  const answer = await pg.confirm({ chargeId, paymentKey, amountPoints, idempotencyKey });
  if (answersAttempt(answer)) {
    await markAnswered(database, { chargeId, attempt });
  }
  return afterConfirm(charge, answer);
}

async function finish(parts: PursuitParts, charge: ClaimedCharge, claim: Claim, end: End): Promise<void> {
  if (end.do === "wait") {
    return wait(parts, charge, claim, end.error);
  }
  if (end.do === "report") {
    return report(parts, charge, claim, end);
  }
  if (end.do === "rest" || !(await settle(parts, charge, end))) {
    await rest(parts.database, charge, claim.owner);
  }
}

/** Moves the charge to its next state. Returns false where somebody else has moved it. */
function settle(
  parts: PursuitParts,
  charge: ClaimedCharge,
  end: Extract<End, { do: "credit" | "fail" | "expire" }>,
): Promise<boolean> {
  switch (end.do) {
    case "credit":
      return creditCharge(parts, charge, end.payment);
    case "fail":
      return markFailed(parts.database, charge, end);
    case "expire":
      return markExpired(parts.database, charge);
  }
}

async function report(
  { database, log, pause }: PursuitParts,
  charge: ClaimedCharge,
  { owner }: Claim,
  { kind, gatewayAmountPoints }: Extract<End, { do: "report" }>,
): Promise<void> {
  const { chargeId, state } = charge;
  const ourAmountPoints = state === "CHARGED" ? charge.amountPoints : 0n;
  const fields = { chargeId, kind, ours: `${ourAmountPoints}`, gateway: `${gatewayAmountPoints}` };
  log.error(fields, "our books and those of the gateway differ");
  await database.transaction(async tx => {
    await recordDiscrepancy(tx, { kind, chargeId, ourAmountPoints, gatewayAmountPoints });
    if (state === "ORDERED" || state === "CONFIRMING") {
      await postpone(tx, charge, { owner, delayMs: pause.maxMs, error: kind });
    } else {
      await rest(tx, charge, owner);
    }
  });
}

function wait(
  { database, pause }: PursuitParts,
  charge: ClaimedCharge,
  { owner }: Claim,
  error: string,
): Promise<void> {
  return postpone(database, charge, { owner, delayMs: backoffMs(charge.attempts - 1, pause), error });
}
