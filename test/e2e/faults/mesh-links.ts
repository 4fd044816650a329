import { setTimeout as delay } from "node:timers/promises";
import { createSeededRandom } from "#dev/sample/random.ts";
import { type Given, isLong } from "../../support/faults/given.ts";
import { linkFaults } from "../../support/faults/link-faults.ts";
import { openShop, requireUnharmed } from "../../support/faults/shop-through.ts";

const faultMs = 1500;
const pairsAtOnce = 6;
// Who waits for a silent server gives up after ten seconds, up to three times; too long for the short form.
const silent = new Set(["fall silent", "are half open"]);
const patient = new Set(["mariadb", "aws"]);

/** Connections between any two that break in any way. */
export function brokenLinks(seed: string, given: Given): void {
  for (const [what, spoil] of Object.entries(linkFaults)) {
    it(`loses nothing acknowledged while connections ${what}`, async () => {
      const { links, replicas } = given().mesh;
      const random = createSeededRandom(`${seed} ${what}`);
      const shopping = await openShop(given, seed);
      const pairs = ["gateway", ...replicas.map(({ id }) => id)]
        .flatMap(name => links.between(name))
        .filter(({ to }) => isLong || !(silent.has(what) && patient.has(to)));
      const broken = isLong ? pairs : Array.from({ length: pairsAtOnce }, () => random.pick(pairs));
      for (const { gate } of broken) {
        spoil(gate);
      }
      await delay(faultMs);
      await requireUnharmed(given, shopping);
    });
  }
}
