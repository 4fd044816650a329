import { expect } from "chai";
import fc from "fast-check";
import { boundsOfMonth, koreanTimeText } from "#services/point/domain/korean-time.ts";

const months = fc
  .tuple(fc.integer({ min: 2000, max: 2098 }), fc.integer({ min: 1, max: 12 }))
  .map(([year, month]) => `${year}-${String(month).padStart(2, "0")}`);
const zones = ["Asia/Seoul", "UTC", "America/Los_Angeles", "Pacific/Kiritimati"];

describe("Korean months", () => {
  const { TZ } = process.env;
  afterEach(() => {
    if (TZ === undefined) {
      delete process.env.TZ;
    } else {
      process.env.TZ = TZ;
    }
  });

  for (const zone of zones) {
    it(`follow one another and contain the times that Korean clocks show, in ${zone}`, () => {
      process.env.TZ = zone;
      fc.assert(
        fc.property(months, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (month, part) => {
          const { start, end } = boundsOfMonth(month);
          const time = new Date(start.getTime() + Math.floor(part * (end.getTime() - start.getTime())));
          expect(koreanTimeText(start)).to.equal(`${month}-01 00:00:00`);
          expect(koreanTimeText(time).slice(0, 7)).to.equal(month);
          const next = koreanTimeText(end).slice(0, 7);
          expect(boundsOfMonth(next).start).to.deep.equal(end);
          expect(koreanTimeText(new Date(end.getTime() - 1)).slice(0, 7)).to.equal(month);
        }),
      );
    });
  }
});
