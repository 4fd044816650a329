import { randomInt } from "node:crypto";
import { type FaultMesh, startFaultMesh } from "../../support/faults/mesh.ts";
import { openMarket } from "../../support/faults/open-market.ts";
import { closeShops } from "../../support/faults/shop-through.ts";
import type { Market } from "../../support/market/market.ts";
import { requireInvariants } from "../../support/stack/stack.ts";
import { brokerFaults } from "./mesh-broker.ts";
import { buyerFaults } from "./mesh-buyers.ts";
import { brokenLinks } from "./mesh-links.ts";
import { outageLogs } from "./mesh-logs.ts";
import { historyFaults } from "./mesh-mongo.ts";
import { processFaults } from "./mesh-processes.ts";
import { rollout } from "./mesh-rollout.ts";

describe("a mesh of replicas under faults", function () {
  this.timeout(240_000);
  const seed = process.env.FAULT_SEED ?? String(randomInt(2 ** 31));
  let mesh: FaultMesh;
  let market: Market;

  before(async () => {
    process.stdout.write(`    FAULT_SEED=${seed} repeats these faults\n`);
    mesh = await startFaultMesh({});
    market = await openMarket(mesh.stack, 12);
  });
  after(() => mesh?.stop());

  afterEach(async () => {
    await mesh.heal();
    await closeShops();
    await requireInvariants(mesh.stack);
  });

  const given = () => ({ mesh, market });
  buyerFaults(given);
  processFaults(seed, given);
  brokenLinks(seed, given);
  historyFaults(seed, given);
  outageLogs(given);
  rollout(seed, given);
  // Last, because files are lost as well.
  brokerFaults(seed, given);
});
