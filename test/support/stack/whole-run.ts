import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";

/** Why a run was not a complete `npm test`; undefined if every test of every file ran. */
export function whyPartial(suite: Mocha.Suite): string | undefined {
  const loaded = new Set(suite.suites.map(({ file }) => file));
  const missing = globSync(patterns(), { cwd: root }).filter(file => !loaded.has(join(root, file)));
  if (missing.length > 0) {
    return `${missing.length} test files were left out`;
  }
  let left = 0;
  suite.eachTest(test => {
    left += test.state === undefined && !test.pending ? 1 : 0;
  });
  return left > 0 ? `${left} tests were left out` : undefined;
}

/** The patterns of the files that `npm test` runs. */
function patterns(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: { test: string };
  };
  const quoted = [...scripts.test.matchAll(/'([^']+)'/g)].flatMap(([, pattern]) => pattern ?? []);
  if (quoted.length === 0) {
    throw new Error("the script `test` of package.json names no files");
  }
  return quoted;
}
