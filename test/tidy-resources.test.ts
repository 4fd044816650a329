import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { resourcesOf, usageOf } from "#k8s/objects/resources.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { root } from "./support/tidy/sources.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("requests and limits", () => {
  it("follow from what was measured of every service, as docs/scaling.md shows", () => {
    expect(Object.keys(usageOf)).to.have.members(serviceNames);
    const rows = Object.entries(usageOf).map(([service, { idleMillicores, purchaseMs, peakMegabytes }]) => {
      const { requests = {}, limits = {} } = resourcesOf(service);
      const measured = `${idleMillicores} m | ${purchaseMs.toFixed(1)} ms | ${peakMegabytes} MB`;
      return `| ${service} | ${measured} | ${requests.cpu} | ${requests.memory} | ${limits.memory} |`;
    });
    expect(read("docs/scaling.md").split("\n")).to.include.members(rows);
  });
});

describe("the cost of a purchase", () => {
  const scaling = read("docs/scaling.md");
  const rowOf = (part: string) =>
    scaling
      .split("\n")
      .find(line => line.startsWith(`| ${part} |`))
      ?.split(" | ") ?? [];

  it("is the same in docs/scaling.md and bench/README.md", () => {
    const [, statements = ""] = rowOf("statements of all databases");
    const [, together, alone] = /^(\d+), eight at once; (\d+) one by one$/.exec(statements) ?? [];
    const [, commits] = rowOf("commits, one by one");
    const [, all = ""] = rowOf("**all services**");
    const [, cpu] = /^([\d.]+) ms$/.exec(all) ?? [];
    expect(read("bench/README.md")).to.include(
      `480, eight at once: ${Math.round(Number(cpu))} ms of CPU, 6 calls, ${together} statements; ` +
        `one after the other ${alone} statements, ${Math.round(Number(commits))} commits`,
    );
  });

  it("is the sum of what the services need", () => {
    const sum = Object.values(usageOf).reduce((total, { purchaseMs }) => total + purchaseMs, 0);
    expect(rowOf("**all services**")[1]).to.equal(`${sum.toFixed(1)} ms`);
  });

  it("is multiplied by the purchases of a second", () => {
    const parts = ["calls between services", "statements of all databases", "of these the busiest, question"];
    for (const part of [...parts, "commits, one by one"]) {
      const [, one = "", ...rates] = rowOf(part);
      const wanted = [10, 100, 1000].map(
        rate => `${(Number.parseFloat(one) * rate).toLocaleString("en-US")}/s`,
      );
      expect(
        rates.map(rate => rate.replace(/ \|$/, "")),
        part,
      ).to.deep.equal(wanted);
    }
  });
});
