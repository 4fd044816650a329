import { expect } from "chai";
import { applyTopology } from "#ops/topology.ts";
import { requireAcknowledged } from "../../support/faults/acknowledged.ts";
import type { Given } from "../../support/faults/given.ts";
import { publishers, replayEvents } from "../../support/faults/replay-events.ts";
import { openShop } from "../../support/faults/shop-through.ts";
import { requireInvariants, requireNoViolations } from "../../support/stack/stack.ts";
import { until } from "../../support/stack/until.ts";
import { waitUntilIdle } from "../../support/stack/wait-until-idle.ts";

const hourMs = 3_600_000;
const atLeast = 8;

/** SNS and SQS come back without topics, queues and messages. */
export function brokerFaults(seed: string, given: Given): void {
  it("F18 replays what a broker lost with its topics and queues, once they are made again", async function () {
    const { mesh } = given();
    const { stack } = mesh;
    const { process } = stack.aws;
    if (process === undefined) {
      this.skip();
    }
    const shopping = await openShop(given, seed);
    // A subscriber that takes nothing until its messages are lost.
    const carts = mesh.replicas.filter(({ service }) => service === "cart");
    await Promise.all(carts.map(cart => cart.process.kill("SIGSTOP")));
    await until(() => shopping.paid.size >= atLeast, "purchases are acknowledged");
    await process.kill("SIGKILL");
    await Promise.all(carts.map(cart => cart.process.kill("SIGCONT")));
    const before = shopping.paid.size;
    await until(() => shopping.paid.size > before, "purchases go on without the broker");
    await process.start();
    await applyTopology(stack.env);
    await shopping.stop();
    await waitUntilIdle(stack);
    expect(await requireNoViolations(stack).catch(String)).to.match(/I3/);

    for (const service of publishers) {
      await replayEvents(stack, service, hourMs);
    }
    await requireInvariants(stack);
    await requireAcknowledged(stack, shopping);
  });
}
