import mocha, { type Runner, type Test } from "mocha";
import { refusalsSeen } from "../rpc/refusals.ts";
import { type RunResult, reportResult, slowestShown } from "./run-result.ts";

/** Between the tests of a part of a run, its failures, and its result as JSON. */
export const partSeparator = "\f";

/**
 * Mocha's `spec` reporter; in the end it prints the ten slowest tests and a summary line that CI systems understand.
 * A part of a run (TEST_PART) prints its result for `test/run.ts` instead.
 */
export default class Reporter extends mocha.reporters.Spec {
  constructor(runner: Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const isPart = process.env.TEST_PART !== undefined;
    const ended: Test[] = [];
    runner.on("test end", test => ended.push(test));
    runner.once("end", () => {
      const result = this.resultOf(runner, ended);
      if (isPart) {
        process.stdout.write(`${partSeparator}${JSON.stringify(result)}`);
      } else {
        reportResult(result);
      }
    });
    if (isPart) {
      // Before the listener of mocha that prints failures.
      runner.prependOnceListener("end", () => process.stdout.write(partSeparator));
    }
  }

  private resultOf(runner: Runner, ended: readonly Test[]): RunResult {
    let leftOut = 0;
    runner.suite.eachTest(test => {
      leftOut += test.state === undefined && !test.pending ? 1 : 0;
    });
    const timed = ended.map(test => ({ title: test.fullTitle(), ms: test.duration ?? 0 }));
    return {
      passed: this.stats.passes,
      failed: this.stats.failures,
      leftOut,
      slowest: timed.toSorted((a, b) => b.ms - a.ms).slice(0, slowestShown),
      refusals: refusalsSeen(),
    };
  }
}
