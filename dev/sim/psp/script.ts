import { z } from "zod";

const maxSteps = 100;
const maxOrders = 10_000;
const durationMs = z.int().min(0).max(600_000);
const moment = z.enum(["before", "after"]);

const errorAnswer = z.strictObject({
  status: z.int().min(400).max(599),
  code: z.string().max(100),
  message: z.string().max(500).default("scripted"),
});

const step = z.strictObject({
  /** Answer this much later. */
  delayMs: durationMs.optional(),
  /** Wait for the next script of the order, in place of a duration: before the answer, or before a late charge. */
  held: z.boolean().optional(),
  /** Destroy the connection before or after the work is done. */
  drop: moment.optional(),
  /** Never answer; the work is not done (before) or done (after). */
  hang: moment.optional(),
  /** Answer this error instead. The work is not done unless `charge` says so. */
  error: errorAnswer.optional(),
  charge: z.boolean().optional(),
  /** Whether an error that is a final refusal ends the payment; it does unless this is false. */
  abort: z.boolean().optional(),
  /** Answer with another amount, status or order, or with something that is not JSON. */
  amount: z.int().optional(),
  status: z.string().max(50).optional(),
  orderId: z.string().max(64).optional(),
  garbage: z.boolean().optional(),
  /** Put the whole answer on the wire twice. */
  answerTwice: z.boolean().optional(),
  /** Answer at once (by `error`, by `drop`, else an internal error) and charge this much later. */
  chargeAfterMs: durationMs.optional(),
});

const webhook = z.strictObject({
  /** How often each webhook is sent; 0 loses it. */
  times: z.int().min(0).max(20).default(1),
  delayMs: durationMs.default(0),
});

const steps = z.array(step).max(maxSteps);

export const scriptBody = z.strictObject({
  confirm: steps.default([]),
  find: steps.default([]),
  cancel: steps.default([]),
  webhook: webhook.optional(),
  /** Fields in which the rows of the order differ in the list of transactions. */
  transactions: z.record(z.string(), z.unknown()).optional(),
});

export type Step = z.infer<typeof step>;

/** A step, and when it goes on if it is held. */
export interface TakenStep extends Step {
  readonly next?: Promise<void>;
}

type Script = z.infer<typeof scriptBody>;
export type ScriptInput = z.input<typeof scriptBody>;
type ScriptedCall = "confirm" | "find" | "cancel";

export interface Scripts {
  set(orderId: string, script: Script): void;
  /** The next step for this call, or an empty one. */
  take(orderId: string, call: ScriptedCall): TakenStep;
  webhookOf(orderId: string): z.infer<typeof webhook>;
  transactionsOf(orderId: string): object;
}

/** The scripted behavior of the PSP, by order. Each call that is carried out uses up one step. */
export function createScripts(): Scripts {
  const scripts = new Map<string, Script>();
  const held = new Map<string, PromiseWithResolvers<void>>();
  const nextOf = (orderId: string) => {
    const next = held.get(orderId) ?? Promise.withResolvers<void>();
    held.set(orderId, next);
    return next.promise;
  };
  return {
    set(orderId, script) {
      held.get(orderId)?.resolve();
      held.delete(orderId);
      const oldest = scripts.keys().next().value;
      if (scripts.size >= maxOrders && oldest !== undefined) {
        scripts.delete(oldest);
      }
      scripts.set(orderId, script);
    },
    take(orderId, call) {
      const taken = scripts.get(orderId)?.[call].shift() ?? {};
      return taken.held ? { ...taken, next: nextOf(orderId) } : taken;
    },
    transactionsOf: orderId => scripts.get(orderId)?.transactions ?? {},
    webhookOf: orderId => scripts.get(orderId)?.webhook ?? { times: 1, delayMs: 0 },
  };
}
