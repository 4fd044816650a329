import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { resourcesOf, usageOf } from "#k8s/objects/resources.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { root } from "./support/tidy/sources.ts";

describe("requests and limits", () => {
  it("follow from what was measured of every service, as docs/scaling.md shows", () => {
    expect(Object.keys(usageOf)).to.have.members(serviceNames);
    const rows = Object.entries(usageOf).map(([service, { idleMillicores, purchaseMs, peakMegabytes }]) => {
      const { requests = {}, limits = {} } = resourcesOf(service);
      const measured = `${idleMillicores} m | ${purchaseMs.toFixed(1)} ms | ${peakMegabytes} MB`;
      return `| ${service} | ${measured} | ${requests.cpu} | ${requests.memory} | ${limits.memory} |`;
    });
    const page = readFileSync(join(root, "docs/scaling.md"), "utf8");
    expect(page.split("\n")).to.include.members(rows);
  });
});
