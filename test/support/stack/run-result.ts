/** What came of a run of tests, or of a part of one. */
export interface RunResult {
  readonly passed: number;
  readonly failed: number;
  /** Tests that were loaded and did not run, because of an option as `--grep` or after a failed hook. */
  readonly leftOut: number;
  readonly slowest: readonly { readonly title: string; readonly ms: number }[];
  /** The reasons for which methods refused calls, by method. */
  readonly refusals: Readonly<Record<string, readonly string[]>>;
}

/** How many tests are named as the slowest. */
export const slowestShown = 10;

/** Adds up the parts of a run. */
export function mergeResults(parts: readonly RunResult[]): RunResult {
  const sum = (key: "passed" | "failed" | "leftOut") => parts.reduce((total, part) => total + part[key], 0);
  const methods = new Set(parts.flatMap(({ refusals }) => Object.keys(refusals)));
  const reasonsOf = (method: string) => [...new Set(parts.flatMap(({ refusals }) => refusals[method] ?? []))];
  return {
    passed: sum("passed"),
    failed: sum("failed"),
    leftOut: sum("leftOut"),
    slowest: parts
      .flatMap(({ slowest }) => slowest)
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, slowestShown),
    refusals: Object.fromEntries([...methods].map(method => [method, reasonsOf(method)])),
  };
}

/** Prints the slowest tests and, as the last line, how many passed and failed. */
export function reportResult({ slowest, passed, failed }: RunResult): void {
  const lines = slowest.map(({ title, ms }) => `  ${(ms / 1000).toFixed(1)} s  ${title}`);
  process.stdout.write(`\nslowest:\n${lines.join("\n")}\n\n${passed} passed, ${failed} failed\n`);
}
