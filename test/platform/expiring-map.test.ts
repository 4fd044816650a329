import { expect } from "chai";
import fc from "fast-check";
import { createExpiringMap } from "#kit/process/expiring-map.ts";
import { withClockOff } from "../support/data/wrong-clock.ts";

describe("an expiring map", () => {
  it("keeps the latest entries and drops the oldest", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), keys => {
        const map = createExpiringMap<number, number>(3);
        for (const [index, key] of keys.entries()) {
          map.set(key, index, 60_000);
        }
        const latest = [...new Set(keys.toReversed())].slice(0, 3);
        for (let key = 0; key < 10; key += 1) {
          expect(map.get(key)).to.equal(latest.includes(key) ? keys.lastIndexOf(key) : undefined);
        }
      }),
    );
  });

  it("returns no value that has expired", () => {
    const map = createExpiringMap<string, string>(3);
    map.set("creator", "name", 0);
    expect(map.get("creator")).to.equal(undefined);
  });

  it("keeps a value as long as it says, whatever the clock is set to meanwhile", async () => {
    const map = createExpiringMap<string, string>(3);
    await withClockOff(3_600_000, () => map.set("fast", "expired", 0));
    expect(map.get("fast")).to.equal(undefined);
    map.set("right", "kept", 60_000);
    expect(await withClockOff(3_600_000, () => map.get("right"))).to.equal("kept");
  });
});
