import { expect } from "chai";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { LedgerAccount } from "#gen/questioncloud/point/v1/point_pb.ts";
import { openPointSuite, type Payer, type PointSuite, requireBalanced } from "../support/psp/point-suite.ts";
import { onBehalfOf, reasonOf } from "../support/rpc/clients.ts";

/** What a user should have, and which purchases hold how much. */
interface Model {
  paid: bigint;
  bonus: bigint;
  /** What earlier sequences still hold. */
  readonly heldBefore: bigint;
  readonly held: Map<string, { paid: bigint; bonus: bigint }>;
  readonly ended: Map<string, "CONFIRMED" | "RELEASED">;
}

type Command = fc.AsyncCommand<Model, Real>;

interface Real {
  readonly suite: PointSuite;
  readonly payer: Payer;
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "done",
    error => reasonOf(error) ?? String(error),
  );
}

async function requireSame(model: Model, { payer }: Real): Promise<void> {
  const { wallet } = await payer.points.getWallet({});
  const held = [...model.held.values()].reduce(
    (sum, { paid, bonus }) => sum + paid + bonus,
    model.heldBefore,
  );
  expect([wallet?.paidPoints, wallet?.bonusPoints, wallet?.heldPoints]).to.deep.equal([
    model.paid,
    model.bonus,
    held,
  ]);
}

const command = (name: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  async run(model, real) {
    await run(model, real);
    await requireSame(model, real);
  },
  toString: () => name,
});

const reserve = (amount: bigint) =>
  command(`reserve ${amount}`, async (model, { suite, payer }) => {
    const purchaseId = uuidv7();
    const asked = suite.wallets.reservePoints({ purchaseId, amountPoints: amount }, onBehalfOf(payer.userId));
    const enough = model.paid + model.bonus >= amount;
    expect(await outcomeOf(asked)).to.equal(enough ? "done" : "NOT_ENOUGH_POINT");
    if (enough) {
      const bonus = model.bonus < amount ? model.bonus : amount;
      model.bonus -= bonus;
      model.paid -= amount - bonus;
      model.held.set(purchaseId, { bonus, paid: amount - bonus });
    }
  });

const end = (how: "CONFIRMED" | "RELEASED", pick: number) =>
  command(`${how} ${pick}`, async (model, { suite, payer }) => {
    const known = [...model.held.keys(), ...model.ended.keys()];
    const purchaseId = known[pick % Math.max(known.length, 1)] ?? uuidv7();
    const { confirmReservation, releaseReservation } = suite.reservations;
    const call = how === "CONFIRMED" ? confirmReservation : releaseReservation;
    const before = model.ended.get(purchaseId);
    const held = model.held.get(purchaseId);
    const refused = before === "RELEASED" ? "RESERVATION_RELEASED" : "RESERVATION_CONFIRMED";
    const missing = held === undefined && before === undefined && how === "CONFIRMED";
    const expected = before !== undefined && before !== how ? refused : missing ? "NOT_FOUND" : "done";
    expect(await outcomeOf(call({ reservationId: purchaseId }, onBehalfOf(payer.userId)))).to.equal(expected);
    if (expected !== "done") {
      return;
    }
    if (how === "RELEASED" && held !== undefined) {
      model.paid += held.paid;
      model.bonus += held.bonus;
    }
    model.held.delete(purchaseId);
    model.ended.set(purchaseId, how);
  });

const adjust = (delta: bigint, account: "paid" | "bonus") =>
  command(`adjust ${account} ${delta}`, async (model, { suite, payer }) => {
    const asked = suite.give(
      payer.userId,
      delta,
      account === "paid" ? LedgerAccount.PAID : LedgerAccount.BONUS,
    );
    const enough = model[account] + delta >= 0n;
    expect(await outcomeOf(asked)).to.equal(enough ? "done" : "NOT_ENOUGH_POINT");
    model[account] += enough ? delta : 0n;
  });

const credit = () =>
  command("credit", async (model, { suite, payer }) => {
    await payer.points.confirmCharge(await suite.pay(payer));
    model.paid += 5_000n;
  });

const points = fc.bigInt({ min: 1n, max: 8_000n });
const commands = fc.commands(
  [
    points.map(reserve),
    fc
      .tuple(fc.constantFrom("CONFIRMED" as const, "RELEASED" as const), fc.nat(20))
      .map(([how, pick]) => end(how, pick)),
    fc
      .tuple(fc.bigInt({ min: -3_000n, max: 3_000n }), fc.constantFrom("paid" as const, "bonus" as const))
      .filter(([delta]) => delta !== 0n)
      .map(([delta, account]) => adjust(delta, account)),
    fc.constant(credit()),
  ],
  { maxCommands: 25 },
);

describe("the ledger of points", () => {
  let suite: PointSuite;
  let payer: Payer;

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
  });
  after(() => suite?.close());

  it("is consistent after any sequence of reserve, confirm, release, adjust and charge", async () => {
    await fc.assert(
      fc.asyncProperty(commands, async sequence => {
        await fc.asyncModelRun(begin, sequence);
        await requireBalanced(suite.sql, payer.userId);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  async function begin(): Promise<{ model: Model; real: Real }> {
    const { wallet } = await payer.points.getWallet({});
    const { paidPoints: paid = 0n, bonusPoints: bonus = 0n, heldPoints: heldBefore = 0n } = wallet ?? {};
    return { model: { paid, bonus, heldBefore, held: new Map(), ended: new Map() }, real: { suite, payer } };
  }
});
