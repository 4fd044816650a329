import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { dashboards } from "#k8s/observability/dashboards.ts";
import type { RuleGroup } from "#k8s/observability/rule-types.ts";
import { ruleGroups } from "#k8s/observability/rules.ts";
import { namesIn } from "./support/stack/telemetry-tables.ts";
import { root } from "./support/tidy/sources.ts";

const rules = ruleGroups().flatMap((group: RuleGroup) => group.rules);
const alerts = rules.flatMap(rule => ("alert" in rule ? [rule] : []));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

describe("the runbooks", () => {
  const pages = readdirSync(join(root, "docs/runbooks"));

  it("are one page for each alert", () => {
    const wanted = new Set(
      alerts.map(({ annotations }) => annotations.runbook_url.replace("docs/runbooks/", "")),
    );
    expect(pages.sort()).to.deep.equal([...wanted].sort());
  });

  it("say what the alert means, what to check and what to do, with a command that exists", () => {
    for (const { alert, annotations } of alerts) {
      const text = readFileSync(join(root, annotations.runbook_url), "utf8");
      expect(text.split("\n")[0], annotations.runbook_url).to.equal(`# ${alert}`);
      expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).to.deep.equal([
        "What it means",
        "What to check",
        "What to do",
      ]);
      const commands = [...text.matchAll(/npm run (?:--silent )?([\w-]+)/g)].map(([, name = ""]) => name);
      expect(commands, annotations.runbook_url).not.to.deep.equal([]);
      expect(
        commands.filter(name => scripts[name] === undefined),
        annotations.runbook_url,
      ).to.deep.equal([]);
      expect(/```sh\n.+\n```/.test(text), annotations.runbook_url).to.equal(true);
    }
  });
});

describe("the rules of Prometheus", () => {
  const recorded = rules.flatMap(rule => ("record" in rule ? [rule.record] : []));
  const page = readFileSync(join(root, "docs/telemetry.md"), "utf8");
  const documented = new Set(namesIn(page));

  const panels = dashboards().flatMap(each => each.panels.flatMap(({ queries }) => queries));

  it("read only metrics that docs/telemetry.md lists, and so do the dashboards", () => {
    const read = [...rules, ...panels].flatMap(({ expr }) => metricsIn(expr));
    expect(new Set(read).size).to.be.greaterThan(20);
    const unknown = read.filter(name => !recorded.includes(name) && !documented.has(name));
    expect([...new Set(unknown)]).to.deep.equal([]);
  });
});

/** The names of metrics in an expression; those of Prometheus itself are left out. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/\{[^}]*\}|"[^"]*"/g, "")
    .replace(/\[[\w$]+\]/g, "")
    .replace(/\b(by|on|without) \([^)]*\)/g, "");
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w*\()/g)]
    .map(([name]) => name.replace(/(?<=_seconds)_(count|bucket|sum)$/, ""))
    .filter(name => name.includes("_"))
    .filter(name => !/_over_time$|^histogram_quantile$/.test(name));
}
