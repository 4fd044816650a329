import { setTimeout as delay } from "node:timers/promises";
import { createSeededRandom, type SeededRandom } from "#dev/sample/random.ts";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { ChargePackage, ChargeState } from "#gen/questioncloud/point/v1/point_pb.ts";
import { purchaseRequest } from "../market/market.ts";
import { isTransient } from "../market/purchase-runs.ts";
import { reasonOf } from "../rpc/clients.ts";
import type { Shopper } from "./shoppers.ts";

const callMs = 20_000;
const sendings = 3;
const retryMs = 300;

interface ShoppingOptions {
  readonly stack: Stack;
  readonly shoppers: readonly Shopper[];
  readonly questionIds: readonly bigint[];
  /** Calls at a time. */
  readonly workers: number;
  readonly seed: string;
  readonly pauseMs?: number;
  /** Of a coupon for a line, which users register and use. */
  readonly couponCode?: string;
}

/** What became of the calls of a workload. */
export interface Tally {
  calls: number;
  slowestMs: number;
  /** Calls that were refused or failed, by reason. */
  readonly refusals: Map<string, number>;
  /** Purchases and charges whose end was told to the buyer. */
  readonly paid: Set<string>;
  readonly charged: Set<string>;
}

/** Users who charge points, buy and read all the while. */
export interface Shopping extends Tally {
  /** Waits for what is in flight. */
  stop(): Promise<void>;
}

/** Starts users who shop; the seed decides who does what. */
export function startShopping(options: ShoppingOptions): Shopping {
  const tally: Tally = { calls: 0, slowestMs: 0, refusals: new Map(), paid: new Set(), charged: new Set() };
  const sim = createPspSim(options.stack.pspUrl);
  let stopped = false;
  const work = async (worker: number) => {
    const random = createSeededRandom(`${options.seed}-${worker}`);
    const own = options.shoppers.filter((_, index) => index % options.workers === worker);
    while (!stopped) {
      await visit({ ...options, tally, sim, random, shopper: random.pick(own) });
      await delay(options.pauseMs ?? 0);
    }
  };
  const running = Array.from({ length: Math.min(options.workers, options.shoppers.length) }, (_, worker) =>
    work(worker),
  );
  return Object.assign(tally, {
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  });
}

interface Visit extends ShoppingOptions {
  readonly tally: Tally;
  readonly sim: ReturnType<typeof createPspSim>;
  readonly random: SeededRandom;
  readonly shopper: Shopper;
}

/** One user does one thing. */
async function visit(visit: Visit): Promise<void> {
  const { random, shopper } = visit;
  const chosen = random.next();
  if (chosen < 0.5) {
    await buy(visit);
  } else if (chosen < 0.7) {
    await charge(visit);
  } else if (chosen < 0.75) {
    await registerCoupon(visit);
  } else if (chosen < 0.85) {
    await call(visit, () => shopper.pay.listPurchases({ pageSize: 10 }, { timeoutMs: callMs }));
  } else {
    await call(visit, () => shopper.points.getWallet({}, { timeoutMs: callMs }));
  }
}

/** Coupons that users have and did not use yet. */
const registered = new WeakMap<Shopper, bigint>();

async function registerCoupon(visit: Visit): Promise<void> {
  const { shopper, couponCode: code } = visit;
  if (code !== undefined) {
    const { answer } = await call(visit, () =>
      shopper.coupons.registerCoupon({ code }, { timeoutMs: callMs }),
    );
    const { userCouponId } = answer?.coupon ?? {};
    if (userCouponId !== undefined) {
      registered.set(shopper, userCouponId);
    }
  }
}

/** Buys, and sends the request again while its answer is lost. */
async function buy(visit: Visit): Promise<void> {
  const { random, shopper, questionIds, tally } = visit;
  const count = 1 + random.below(2);
  const chosen = new Set(Array.from({ length: count }, () => random.pick(questionIds)));
  const userCouponId = registered.get(shopper) ?? 0n;
  registered.delete(shopper);
  const lines = [...chosen].map((questionId, index) =>
    index === 0 ? { questionId, userCouponId } : { questionId },
  );
  const request = purchaseRequest(lines);
  for (let sending = 0; sending < sendings; sending++) {
    const { answer, isOver } = await call(visit, () =>
      shopper.pay.purchaseQuestions(request, { timeoutMs: callMs }),
    );
    const { purchaseId, state } = answer?.purchase ?? {};
    if (purchaseId !== undefined && state === PurchaseState.PAID) {
      tally.paid.add(purchaseId);
    }
    if (isOver && state !== PurchaseState.PENDING) {
      return;
    }
    await delay(retryMs);
  }
}

/** Orders points, pays them at the PSP and confirms; then asks until the outcome is known, or gives up. */
async function charge(visit: Visit): Promise<void> {
  const { shopper, sim, tally } = visit;
  const ordered = await call(visit, () =>
    shopper.points.createCharge(
      { requestId: crypto.randomUUID(), package: ChargePackage.F },
      { timeoutMs: callMs },
    ),
  );
  const { chargeId, amountPoints } = ordered.answer?.charge ?? {};
  if (chargeId === undefined || amountPoints === undefined) {
    return;
  }
  const paymentKey = await sim.authorize(chargeId, Number(amountPoints));
  for (let sending = 0; sending < sendings; sending++) {
    const { answer, isOver } = await call(visit, () =>
      shopper.points.confirmCharge({ chargeId, paymentKey, amountPoints }, { timeoutMs: callMs }),
    );
    if (answer?.charge?.state === ChargeState.CHARGED) {
      tally.charged.add(chargeId);
    }
    if (isOver && answer?.charge?.state !== ChargeState.CONFIRMING) {
      return;
    }
    await delay(retryMs);
  }
}

/** What a call came to: it is over once it was answered, or refused for a reason that stays. */
interface Outcome<Answer> {
  readonly answer?: Answer;
  readonly isOver: boolean;
}

async function call<Answer>({ tally }: Visit, work: () => Promise<Answer>): Promise<Outcome<Answer>> {
  tally.calls += 1;
  const startMs = performance.now();
  try {
    return { answer: await work(), isOver: true };
  } catch (error) {
    const reason = reasonOf(error);
    const name = reason ?? String(error);
    tally.refusals.set(name, (tally.refusals.get(name) ?? 0) + 1);
    return { isOver: !isTransient(reason) };
  } finally {
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - startMs);
  }
}
