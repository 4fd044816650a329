import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { root } from "#dev/stack/root.ts";
import { unseenRefusals } from "./support/rpc/refusals.ts";
import { partSeparator } from "./support/stack/reporter.ts";
import { mergeResults, type RunResult, reportResult } from "./support/stack/run-result.ts";

// `npm test`: all test files, in two processes of mocha with a stack each, because a test and the services that it
// calls mostly take turns on one core; then alone those that start replicas of every service, which take both cores and
// have bounds of time. Arguments are for mocha.

const all = globSync("{services,test}/**/*.test.ts", { cwd: root }).toSorted();
const inFolder = (folder: string) => all.filter(file => file.startsWith(`test/${folder}/`));
const [platform, replicated] = [inFolder("platform"), inFolder("e2e")];
const others = all.filter(file => !platform.includes(file) && !replicated.includes(file));

interface EndedPart {
  /** What mocha prints about failures. */
  readonly failures: string;
  readonly result: RunResult;
}

let isStopped = false;
process.on("SIGINT", stop).on("SIGTERM", stop);

const ended = await Promise.all([platform, others].map(runPart));
if (!isStopped) {
  ended.push(await runPart(replicated));
}
for (const { failures } of ended) {
  process.stdout.write(failures);
}
const result = mergeResults(ended.map(part => part.result));
const unseen = compareRefusals(result);
reportResult({ ...result, failed: result.failed + (unseen.length > 0 ? 1 : 0) });
process.exitCode = result.failed + unseen.length > 0 ? 1 : 0;

/** Ctrl-C reaches mocha as well, and this process reports what was done until then. */
function stop(): void {
  isStopped = true;
}

async function runPart(files: readonly string[]): Promise<EndedPart> {
  const mocha = join(root, "node_modules/mocha/bin/mocha.js");
  const child = spawn(process.execPath, [mocha, ...files, ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, TEST_PART: "true" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = once(child, "close");
  // Of these two signals mocha passes only the first on to the process that runs tests.
  process.on("SIGTERM", () => child.kill("SIGINT"));
  const [failures = "", json] = await printTests(child.stdout);
  const [code] = await end;
  if (json !== undefined) {
    return { failures, result: JSON.parse(json) as RunResult };
  }
  const crash = `\nmocha ended with code ${code} before its tests did\n`;
  return {
    failures: failures + crash,
    result: { passed: 0, failed: 1, leftOut: 1, slowest: [], refusals: {} },
  };
}

/** Prints each suite of a part when it is complete, and returns what follows the tests. */
async function printTests(output: Readable): Promise<string[]> {
  let held = "";
  for await (const text of output.setEncoding("utf8")) {
    held += text;
    const complete = held.includes(partSeparator)
      ? held.indexOf(partSeparator)
      : held.lastIndexOf("\n\n") + 1;
    if (complete > 0 && !held.startsWith(partSeparator)) {
      process.stdout.write(held.slice(0, complete));
      held = held.slice(complete);
    }
  }
  const [tests = "", ...rest] = held.split(partSeparator);
  process.stdout.write(tests);
  return rest;
}

/** The refusals that the contracts name and no test has seen; none of a run that left tests out, which says so. */
function compareRefusals({ leftOut, refusals }: RunResult): string[] {
  if (leftOut > 0) {
    process.stdout.write(`\nrefusals were not compared with the contracts: ${leftOut} tests were left out\n`);
    return [];
  }
  const unseen = unseenRefusals(refusals);
  if (unseen.length > 0) {
    process.stdout.write(`\nno test saw these refusals, which the contracts name:\n${unseen.join("\n")}\n`);
  }
  return unseen;
}
