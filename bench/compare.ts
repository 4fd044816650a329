/** One of the things that are compared; `run` does the work once and returns how much it did, and maybe how fast. */
interface Contender {
  readonly name: string;
  /** Makes the work; its time does not count. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<number | { readonly done: number; readonly ms: number }>;
}

/**
 * Runs the contenders in turns, after one round to warm up, and prints the rate of each and the median of its ratio
 * to the first. The order changes from round to round, so that a machine that slows down hits all alike.
 */
export async function compare(unit: string, contenders: readonly Contender[], rounds = 5): Promise<void> {
  const rates = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, prepare, run } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      await prepare?.();
      const startMs = performance.now();
      const result = await run();
      const { done, ms } =
        typeof result === "number" ? { done: result, ms: performance.now() - startMs } : result;
      if (round > 0) {
        rates.get(name)?.push((done / ms) * 1000);
      }
    }
  }
  const [baseline = []] = rates.values();
  for (const [name, measured] of rates) {
    const ratios = measured.map((rate, round) => rate / (baseline[round] ?? rate));
    process.stdout.write(
      `${name.padEnd(40)} ${median(measured).toFixed(0).padStart(8)} ${unit}/s   ${median(ratios).toFixed(2)}\n`,
    );
  }
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
