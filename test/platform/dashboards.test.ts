import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { silentNarrator } from "#dev/demo/narrator.ts";
import { playStory } from "#dev/demo/story.ts";
import { observeStack } from "#dev/stack/observe.ts";
import { root } from "#dev/stack/root.ts";
import { askAllQueries } from "#k8s/observability/ask-prometheus.ts";
import { signUpAdmin } from "../support/market/people.ts";
import { requirePromtool } from "../support/observability/promtool.ts";
import { tracedStack } from "../support/stack/traced-stack.ts";
import { until } from "../support/stack/until.ts";

describe("a Prometheus that scraped during a sale", () => {
  let prometheusUrl: string;
  let stop: (() => Promise<void>) | undefined;

  before(async function () {
    await requirePromtool(this);
    const { stack } = await tracedStack();
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const observer = await observeStack(stack, { log, scrapeSeconds: 1, verifySeconds: 600 });
    prometheusUrl = observer?.prometheusUrl ?? "";
    stop = observer?.stop;
    expect(prometheusUrl, lines.join("; ")).not.to.equal("");
    const admin = await signUpAdmin(stack);
    const { gatewayUrl = "", mailUrl, pspUrl, identityUrl } = stack;
    const addresses = { gatewayUrl, mailUrl, pspUrl, identityUrl };
    // Twice, each after a scrape of every target: the first sample of a series shows no increase.
    for (let story = 0; story < 2; story++) {
      await scraped();
      await playStory({ ...addresses, protocol: "connect", admin, narrator: silentNarrator });
    }
  });

  after(() => stop?.());

  /** Waits until every target was scraped and every rule evaluated on what happened before. */
  async function scraped(): Promise<void> {
    const seconds = Date.now() / 1000 + 3;
    await until(async () => (await lastScrapeSeconds(prometheusUrl)) > seconds, "every target was scraped");
  }

  it("has data for every query of every panel", async () => {
    await scraped();
    const answers = await askAllQueries(prometheusUrl, { seconds: 300, rateInterval: "1m" });
    expect(answers.length).to.be.greaterThan(150);
    const empty = answers.filter(({ lines }) => lines === 0);
    expect(empty.map(({ dashboard, panel, expr }) => `${dashboard}, ${panel}: ${expr}`).join("\n")).to.equal(
      "",
    );
  });

  it("answers what docs/on-call.md asks it", async () => {
    const page = readFileSync(join(root, "docs/on-call.md"), "utf8");
    const queries = [...page.matchAll(/^\s*ask '(.+)'$/gm)].map(([, query = ""]) => query);
    expect(queries).to.have.length.greaterThan(5);
    for (const query of queries.filter(each => !each.startsWith("ALERTS"))) {
      const answer = await fetch(`${prometheusUrl}/api/v1/query?${new URLSearchParams({ query })}`);
      const { data } = (await answer.json()) as { data?: { result: object[] } };
      expect(data?.result, query).to.have.length.greaterThan(0);
    }
  });

  it("has loaded every rule, and none fails or fires but those of a young stack", async () => {
    const response = await fetch(`${prometheusUrl}/api/v1/rules`);
    const { data } = (await response.json()) as {
      data: { groups: { rules: { name: string; health: string; state?: string; lastError?: string }[] }[] };
    };
    const rules = data.groups.flatMap(group => group.rules);
    const unhealthy = rules.filter(({ health }) => health !== "ok" && health !== "unknown");
    expect(unhealthy.map(({ name, lastError }) => `${name}: ${lastError}`)).to.deep.equal([]);
    const firing = rules.filter(({ state }) => state === "firing").map(({ name }) => name);
    expect(firing).to.deep.equal([]);
  });
});

/** When the target that was scraped least recently was scraped. */
async function lastScrapeSeconds(prometheusUrl: string): Promise<number> {
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=min(timestamp(up))`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}
