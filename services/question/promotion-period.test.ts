import { expect } from "chai";
import fc from "fast-check";
import { newPeriod, overlap, type Period } from "./promotion-period.ts";

const moments = fc.integer({ min: 0, max: 50 });
const periods = fc.record({ startMs: moments, endMs: moments });

describe("the period of a promotion", () => {
  it("overlaps another exactly where they share a moment", () => {
    fc.assert(
      fc.property(periods, periods, (one, other) => {
        const shared = momentsOf(one).filter(moment => momentsOf(other).includes(moment));
        expect(overlap(one, other)).to.equal(shared.length > 0);
      }),
    );
  });

  it("overlaps the same whichever comes first", () => {
    fc.assert(fc.property(periods, periods, (one, other) => overlap(one, other) === overlap(other, one)));
  });

  it("never begins before now", () => {
    const wanted = fc.record({ startMs: fc.option(fc.nat(), { nil: undefined }), endMs: fc.nat() });
    fc.assert(
      fc.property(wanted, fc.nat(), (period, nowMs) => {
        expect(newPeriod(period, nowMs).startMs).to.equal(Math.max(period.startMs ?? nowMs, nowMs));
      }),
    );
  });
});

function momentsOf({ startMs, endMs }: Period): number[] {
  return Array.from({ length: Math.max(0, endMs - startMs) }, (_, index) => startMs + index);
}
