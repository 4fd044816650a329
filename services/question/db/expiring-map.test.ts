import { expect } from "chai";
import fc from "fast-check";
import { createExpiringMap } from "./expiring-map.ts";

describe("an expiring map", () => {
  it("keeps the latest entries and drops the oldest", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), keys => {
        const map = createExpiringMap<number, number>({ maxEntries: 3, freshMs: 60_000 });
        for (const [index, key] of keys.entries()) {
          map.set(key, index);
        }
        const latest = [...new Set(keys.toReversed())].slice(0, 3);
        for (let key = 0; key < 10; key += 1) {
          expect(map.get(key)).to.equal(latest.includes(key) ? keys.lastIndexOf(key) : undefined);
        }
      }),
    );
  });

  it("returns no value that is no longer fresh", () => {
    const map = createExpiringMap<string, string>({ maxEntries: 3, freshMs: 0 });
    map.set("creator", "name");
    expect(map.get("creator")).to.equal(undefined);
  });
});
