import { expect } from "chai";
import fc from "fast-check";
import { newPeriod, overlap, type Period } from "./promotion-period.ts";

const moments = fc.integer({ min: 0, max: 50 }).map(ms => new Date(ms));
const periods = fc.record({ startTime: moments, endTime: moments });

describe("the period of a promotion", () => {
  it("overlaps another exactly where they share a point in time", () => {
    fc.assert(
      fc.property(periods, periods, (one, other) => {
        const shared = momentsOf(one).filter(moment => momentsOf(other).includes(moment));
        expect(overlap(one, other)).to.equal(shared.length > 0);
      }),
    );
  });

  it("overlaps symmetrically", () => {
    fc.assert(fc.property(periods, periods, (one, other) => overlap(one, other) === overlap(other, one)));
  });

  it("never starts before now", () => {
    const requested = fc.record({ startTime: fc.option(moments, { nil: undefined }), endTime: moments });
    fc.assert(
      fc.property(requested, moments, (period, now) => {
        const latest = Math.max(period.startTime?.getTime() ?? 0, now.getTime());
        expect(newPeriod(period, now)).to.deep.equal({ ...period, startTime: new Date(latest) });
      }),
    );
  });
});

function momentsOf({ startTime, endTime }: Period): number[] {
  const [startMs, endMs] = [startTime.getTime(), endTime.getTime()];
  return Array.from({ length: Math.max(0, endMs - startMs) }, (_, index) => startMs + index);
}
