import type fc from "fast-check";

/** `SEED=…` repeats the run that printed it. */
const seed = process.env.SEED === undefined ? undefined : Number(process.env.SEED);
/** `RUNS=50` runs each property fifty times as often. */
const factor = Number(process.env.RUNS ?? 1);

/** Parameters of a property that is checked a few times in `npm test`, and many times in long runs. */
export function runs(count: number): fc.Parameters<unknown> {
  return { numRuns: Math.ceil(count * factor), ...(seed === undefined ? {} : { seed }) };
}
