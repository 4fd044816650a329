import { expect } from "chai";
import { ruleGroups } from "#k8s/observability/rules.ts";
import { moneyCases, sloCases } from "../support/observability/alert-cases.ts";
import { eventCases, processCases } from "../support/observability/process-alert-cases.ts";
import { checkRules, requirePromtool, tryRules } from "../support/observability/promtool.ts";

const cases = [...sloCases, ...moneyCases, ...eventCases, ...processCases];

describe("the rules of Prometheus", () => {
  let promtool: string;

  before(async function () {
    promtool = await requirePromtool(this);
  });

  it("are accepted by promtool", () => checkRules(promtool));

  for (const [name, some] of Object.entries({ sloCases, moneyCases, eventCases, processCases })) {
    it(`fire where they must, and are silent where they must be: ${name}`, () => tryRules(promtool, some));
  }

  it("each have a case that fires and one that does not", () => {
    const alerts = ruleGroups().flatMap(({ rules }) =>
      rules.flatMap(rule => ("alert" in rule ? [`${rule.alert} ${rule.labels.severity}`] : [])),
    );
    const wanted = [...new Set(alerts)].flatMap(name => [`${name} true`, `${name} false`]);
    const tried = new Set(cases.map(({ alert, severity, fires }) => `${alert} ${severity} ${fires}`));
    expect([...tried].sort()).to.deep.equal(wanted.sort());
  });

  it("are tried by cases that fail where an alert is wrong", async () => {
    const wrong = moneyCases.slice(0, 1).map(each => ({ ...each, fires: !each.fires }));
    const failed = await tryRules(promtool, wrong).then(
      () => false,
      () => true,
    );
    expect(failed).to.equal(true);
  });
});
