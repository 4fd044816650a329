import type { SeededRandom } from "#dev/sample/random.ts";
import type { createPspSim } from "#dev/sim/psp/sim-client.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { isTransient } from "../market/purchase-runs.ts";
import type { Author } from "../market/questions.ts";
import { reasonOf } from "../rpc/clients.ts";
import type { Shopper } from "./shoppers.ts";

/** How long a client waits for an answer. */
export const callMs = 20_000;

/** What users have to do with. */
export interface ShoppingOptions {
  readonly stack: Stack;
  readonly shoppers: readonly Shopper[];
  readonly questionIds: readonly bigint[];
  /** Calls at a time. */
  readonly workers: number;
  readonly seed: string;
  readonly pauseMs?: number;
  /** Of a coupon for a line, which users register and use. */
  readonly couponCode?: string;
  /** Sells the questions, and changes them now and then. */
  readonly author?: Pick<Author, "authoring">;
  /** True if the PSP often fails to answer. */
  readonly pspFails?: boolean;
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

/** One user who is there. */
export interface Visit extends ShoppingOptions {
  readonly tally: Tally;
  readonly sim: ReturnType<typeof createPspSim>;
  readonly random: SeededRandom;
  readonly shopper: Shopper;
}

/** What a call came to: it is over once it was answered, or refused for a reason that stays. */
interface Outcome<Answer> {
  readonly answer?: Answer;
  readonly reason?: string | undefined;
  readonly isOver: boolean;
}

export async function call<Answer>({ tally }: Visit, work: () => Promise<Answer>): Promise<Outcome<Answer>> {
  tally.calls += 1;
  const startMs = performance.now();
  try {
    return { answer: await work(), isOver: true };
  } catch (error) {
    const reason = reasonOf(error);
    const name = reason ?? String(error);
    tally.refusals.set(name, (tally.refusals.get(name) ?? 0) + 1);
    return { reason, isOver: !isTransient(reason) };
  } finally {
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - startMs);
  }
}
