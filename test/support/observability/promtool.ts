import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { findDebianProgram } from "#dev/stack/servers/debian-program.ts";
import type { RuleGroup } from "#k8s/observability/rule-types.ts";
import { ruleGroups } from "#k8s/observability/rules.ts";
import type { AlertCase } from "./alert-cases.ts";

type Labels = { readonly journey?: string } | undefined;

const run = promisify(execFile);

/** Finds Prometheus' own checker of rules; leaves the test out where there is none, except in CI. */
export async function requirePromtool(context: Mocha.Context): Promise<string> {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const promtool = await findDebianProgram({ debianPackage: "prometheus", program: "promtool", log });
  if (promtool === undefined) {
    process.stdout.write(`rules are not tried: ${lines.join("; ")}\n`);
    if (process.env.CI) {
      throw new Error(lines.join("; "));
    }
    context.skip();
  }
  return promtool ?? "";
}

/** All rules. */
const allRules = ruleGroups();

/**
 * The groups that the cases are about, of one journey alone: all are made by the same code, and promtool takes minutes
 * for all.
 */
function rulesFor(journey: string, alerts: readonly string[]): readonly RuleGroup[] {
  const slos = allRules.filter(({ name }) => name === "slo");
  const concerned = allRules.filter(({ rules }) =>
    rules.some(rule => "alert" in rule && alerts.includes(rule.alert)),
  );
  const needed = concerned.some(({ name }) => name === "slo-alerts") ? [...slos, ...concerned] : concerned;
  return needed.map(({ rules, ...group }) => ({
    ...group,
    rules: rules.filter(({ labels }) => [undefined, journey].includes((labels as Labels)?.journey)),
  }));
}

/** Runs `promtool check rules` on all rules; throws what it says against them. */
export function checkRules(promtool: string): Promise<unknown> {
  return withRules(allRules, dir =>
    run(promtool, ["check", "rules", "--lint-fatal", "rules.yaml"], { cwd: dir }),
  );
}

/** Runs `promtool test rules`; throws where an alert does not fire that should, or does that should not. */
export function tryRules(promtool: string, cases: readonly AlertCase[]): Promise<unknown> {
  const groups = rulesFor("purchase", [...new Set(cases.map(({ alert }) => alert))]);
  return withRules(groups, async dir => {
    const test = {
      rule_files: ["rules.yaml"],
      evaluation_interval: groups.some(({ name }) => name === "slo") ? "4m" : "1m",
      tests: cases.map(testOf),
    };
    writeFileSync(join(dir, "test.yaml"), stringify(test));
    await run(promtool, ["test", "rules", "test.yaml"], { cwd: dir }).catch((error: { stderr: string }) => {
      throw new Error(error.stderr);
    });
  });
}

function testOf({ alert, severity, fires, title, at, series }: AlertCase) {
  return {
    name: `${alert} ${severity} ${fires ? "fires" : "is silent"}: ${title}`,
    interval: "1m",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        // The number of groups of labels does not matter.
        expr: `count(ALERTS{alertname="${alert}",severity="${severity}",alertstate="firing"}) > bool 0 or vector(0)`,
        eval_time: at,
        exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
      },
    ],
  };
}

async function withRules<T>(groups: readonly RuleGroup[], work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "questioncloud-rules-"));
  try {
    writeFileSync(join(dir, "rules.yaml"), stringify({ groups }));
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
