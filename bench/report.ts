/** Rows read for each row shown. */
export function ratio(read: number, shown: number): string {
  return (read / Math.max(shown, 1)).toFixed(1);
}

/** The median of the milliseconds that some work takes. */
export async function timeOf(work: () => Promise<unknown>, times = 5): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < times; round++) {
    const startMs = performance.now();
    await work();
    taken.push(performance.now() - startMs);
  }
  return Math.round((taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0) * 100) / 100;
}

/** Prints a row of a table whose first two columns are wide. */
export function printRow(cells: readonly (string | number)[]): void {
  const [first = "", second = "", ...others] = cells.map(String);
  const rest = others.map(cell => cell.padStart(10)).join(" ");
  process.stdout.write(`${first.padEnd(32)} ${second.padEnd(20)} ${rest}\n`);
}
