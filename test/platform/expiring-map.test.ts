import { expect } from "chai";
import fc from "fast-check";
import { createExpiringMap } from "#kit/process/expiring-map.ts";

describe("an expiring map", () => {
  it("keeps the latest entries and drops the oldest", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), keys => {
        const map = createExpiringMap<number, number>(3);
        for (const [index, key] of keys.entries()) {
          map.set(key, index, Date.now() + 60_000);
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
    map.set("creator", "name", Date.now());
    expect(map.get("creator")).to.equal(undefined);
  });
});
