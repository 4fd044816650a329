import { expect } from "chai";
import { drain, evict } from "#k8s/cluster/evictions.ts";
import type { Kubectl } from "#k8s/cluster/kubectl.ts";

const byBudget = "(TooManyRequests): Cannot evict pod as it would violate the pod's disruption budget.";
const notFound = '(NotFound): pods "pay-2" not found';

/** A cluster with two pods of each part, which answers evictions in turn: undefined evicts, a text is an error. */
function clusterOf(...answers: readonly (string | undefined)[]) {
  const evicted: string[] = [];
  const left = [...answers];
  const kubectl: Kubectl = async ([command, ...args], { input = "" } = {}) => {
    if (command === "get") {
      return JSON.stringify({ items: [1, 2].map(number => ({ metadata: { name: `pay-${number}` } })) });
    }
    if (command === "create" && args.includes("--raw")) {
      const answer = left.shift();
      if (answer !== undefined) {
        throw new Error(answer);
      }
      evicted.push(JSON.parse(input).metadata.name);
    }
    return "";
  };
  return { kubectl, evicted, left };
}

const ignore = () => {};

async function errorOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    error => String(error),
  );
}

describe("an eviction", () => {
  it("is right where the disruption budget keeps the other pod", async () => {
    const { kubectl, evicted } = clusterOf(undefined, byBudget);
    expect(await evict(kubectl, "pay", ignore)).to.deep.equal([]);
    expect(evicted).to.deep.equal(["pay-1"]);
  });

  it("is a problem where both pods may go", async () => {
    const { kubectl } = clusterOf(undefined, undefined);
    expect(await evict(kubectl, "pay", ignore)).to.have.length(1);
  });

  it("fails for any other reason", async () => {
    expect(await errorOf(evict(clusterOf(undefined, notFound).kubectl, "pay", ignore))).to.include(notFound);
    expect(await errorOf(drain(clusterOf(undefined, notFound).kubectl, ["pay"], ignore))).to.include(
      notFound,
    );
  });

  it("is asked for again in a drain while the disruption budget keeps the pod", async () => {
    const { kubectl, evicted, left } = clusterOf(undefined, byBudget, undefined);
    await drain(kubectl, ["pay"], ignore);
    expect(evicted).to.deep.equal(["pay-1", "pay-2"]);
    expect(left).to.deep.equal([]);
  });
});
