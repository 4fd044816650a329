import { setTimeout as delay } from "node:timers/promises";
import { createSeededRandom } from "#dev/sample/random.ts";
import { createPspSim } from "#dev/sim/psp/sim-client.ts";
import { buy, charge, registerCoupon } from "./buying.ts";
import { author, fillCart, review } from "./living.ts";
import { call, callMs, type ShoppingOptions, type Tally, type Visit } from "./visit.ts";

/** What users do, and how often of a hundred times. */
const activities: readonly (readonly [number, (visit: Visit) => Promise<unknown>])[] = [
  [45, buy],
  [15, charge],
  [5, registerCoupon],
  [7, fillCart],
  [7, review],
  [3, author],
  [9, visit => call(visit, () => visit.shopper.pay.listPurchases({ pageSize: 10 }, { timeoutMs: callMs }))],
  [9, visit => call(visit, () => visit.shopper.points.getWallet({}, { timeoutMs: callMs }))],
];

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
      await act({ ...options, tally, sim, random, shopper: random.pick(own) });
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

async function act(visit: Visit): Promise<void> {
  let chosen = visit.random.below(100);
  for (const [share, activity] of activities) {
    chosen -= share;
    if (chosen < 0) {
      await activity(visit);
      return;
    }
  }
}
