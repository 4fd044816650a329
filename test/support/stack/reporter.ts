import mocha, { type Runner, type Test } from "mocha";

const slowestShown = 10;

/**
 * Mocha's `spec` reporter; in the end it prints the ten slowest tests and a summary line that CI systems understand.
 */
export default class Reporter extends mocha.reporters.Spec {
  constructor(runner: Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const ended: Test[] = [];
    runner.on("test end", test => ended.push(test));
    runner.once("end", () => {
      const slowest = ended.toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0)).slice(0, slowestShown);
      process.stdout.write("\nslowest:\n");
      for (const test of slowest) {
        process.stdout.write(`  ${((test.duration ?? 0) / 1000).toFixed(1)} s  ${test.fullTitle()}\n`);
      }
      process.stdout.write(`\n${this.stats.passes} passed, ${this.stats.failures} failed\n`);
    });
  }
}
