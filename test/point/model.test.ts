import { expect } from "chai";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { ChargeState, LedgerAccount } from "#gen/questioncloud/point/v1/point_pb.ts";
import { unknownKeysMax } from "#services/point/domain/charge-rules.ts";
import {
  openPointSuite,
  type PaidOrder,
  type Payer,
  type PointSuite,
  requireBalanced,
} from "../support/psp/point-suite.ts";
import { onBehalfOf, reasonOf } from "../support/rpc/clients.ts";

/** What a user should have, and which purchases hold how much. */
interface Model {
  paid: bigint;
  bonus: bigint;
  /** What earlier sequences still hold. */
  readonly heldBefore: bigint;
  readonly held: Map<string, { paid: bigint; bonus: bigint }>;
  readonly ended: Map<string, "CONFIRMED" | "RELEASED">;
  readonly charges: ModelCharge[];
}

/** The states in which a call can leave a charge. */
type ChargeName = "ORDERED" | "CHARGED" | "CANCELLED" | "CLOSED";

interface ModelCharge extends PaidOrder {
  state: ChargeName;
  unknownKeys: number;
}

/** By state: the next one, and the refusal that the caller gets. */
type Moves = Readonly<Record<ChargeName, { readonly to: ChargeName; readonly reason?: string }>>;

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

/** A call about one of the charges that the sequence ordered, whatever its state. */
const aboutCharge = (
  name: string,
  pick: number,
  act: (charge: ModelCharge, real: Real) => { call: Promise<unknown>; moves: Moves },
) =>
  command(`${name} ${pick}`, async (model, real) => {
    const charge = model.charges[pick % Math.max(model.charges.length, 1)];
    if (charge === undefined) {
      return;
    }
    const { call, moves } = act(charge, real);
    const { to, reason } = moves[charge.state];
    expect(await outcomeOf(call)).to.equal(reason ?? "done");
    if (to === "CHARGED" && charge.state !== "CHARGED") {
      model.paid += charge.amountPoints;
    }
    charge.state = to;
    const { charge: seen } = await real.payer.points.getCharge(charge);
    expect(seen?.state).to.equal(ChargeState[to]);
  });

const openCharge = () =>
  command("order", async (model, { suite, payer }) => {
    model.charges.push({ ...(await suite.pay(payer)), state: "ORDERED", unknownKeys: 0 });
  });

const stays = (state: ChargeName, reason?: string) => ({ to: state, ...(reason && { reason }) });

const confirmOwn = (pick: number) =>
  aboutCharge("confirm", pick, (charge, { payer }) => ({
    call: payer.points.confirmCharge(charge),
    moves: {
      ORDERED:
        charge.unknownKeys < unknownKeysMax
          ? { to: "CHARGED" }
          : stays("ORDERED", "INVALID_CHARGE_POINT_PAYMENT"),
      CHARGED: stays("CHARGED"),
      CANCELLED: stays("CANCELLED", "CHARGE_NOT_OPEN"),
      CLOSED: stays("CLOSED", "CHARGE_NOT_OPEN"),
    },
  }));

const confirmUnknown = (pick: number) =>
  aboutCharge("confirm an unknown key of", pick, (charge, { payer }) => {
    charge.unknownKeys += charge.state === "ORDERED" ? 1 : 0;
    return {
      call: payer.points.confirmCharge({ ...charge, paymentKey: `unknown-${pick}` }),
      moves: {
        ORDERED: stays("ORDERED", "INVALID_CHARGE_POINT_PAYMENT"),
        CHARGED: stays("CHARGED", "INVALID_CHARGE_POINT_PAYMENT"),
        CANCELLED: stays("CANCELLED", "CHARGE_NOT_OPEN"),
        CLOSED: stays("CLOSED", "INVALID_CHARGE_POINT_PAYMENT"),
      },
    };
  });

const cancel = (pick: number) =>
  aboutCharge("cancel", pick, (charge, { payer }) => ({
    call: payer.points.cancelCharge(charge),
    moves: {
      ORDERED: { to: "CANCELLED" },
      CHARGED: stays("CHARGED", "CHARGE_NOT_OPEN"),
      CANCELLED: stays("CANCELLED"),
      CLOSED: stays("CLOSED", "CHARGE_NOT_OPEN"),
    },
  }));

/** The PSP does not tell the outcome of a confirmation, and an operator closes the charge. */
const confirmAndClose = () =>
  command("close", async (model, { suite, payer }) => {
    const paid = await suite.pay(payer);
    const dark = Array(90).fill({ drop: "before" });
    await suite.sim.script(paid.chargeId, { confirm: dark.slice(0, 1), find: dark });
    expect(await outcomeOf(suite.admin.closeCharge({ ...paid, reason: "?" }))).to.equal("CHARGE_NOT_OPEN");
    await payer.points.confirmCharge(paid);
    const { charge } = await suite.admin.closeCharge({ ...paid, reason: "no answer" });
    expect(charge?.state).to.equal(ChargeState.CLOSED);
    model.charges.push({ ...paid, state: "CLOSED", unknownKeys: 0 });
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
    fc.constant(openCharge()),
    fc.constant(confirmAndClose()),
    fc.nat(5).map(confirmOwn),
    fc.nat(5).map(confirmUnknown),
    fc.nat(5).map(cancel),
  ],
  { maxCommands: 30 },
);

describe("the ledger of points", () => {
  let suite: PointSuite;
  let payer: Payer;

  before(async () => {
    suite = await openPointSuite();
    payer = await suite.payer();
  });
  after(() => suite?.close());

  it("is consistent after any sequence of calls about purchases, adjustments and charges", async () => {
    await fc.assert(
      fc.asyncProperty(commands, async sequence => {
        await fc.asyncModelRun(begin, sequence);
        await cancelOpen();
        await requireBalanced(suite.sql, payer.userId);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  // At most twenty orders of a user are open at once, and the next sequence makes its own.
  async function cancelOpen(): Promise<void> {
    const { charges } = await payer.points.listCharges({ state: ChargeState.ORDERED, pageSize: 100 });
    await Promise.all(charges.map(({ chargeId }) => payer.points.cancelCharge({ chargeId })));
  }

  async function begin(): Promise<{ model: Model; real: Real }> {
    const { wallet } = await payer.points.getWallet({});
    const { paidPoints: paid = 0n, bonusPoints: bonus = 0n, heldPoints: heldBefore = 0n } = wallet ?? {};
    return {
      model: { paid, bonus, heldBefore, held: new Map(), ended: new Map(), charges: [] },
      real: { suite, payer },
    };
  }
});
