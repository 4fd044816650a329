import { expect } from "chai";
import fc from "fast-check";
import { daysToSchedule } from "./compared-days.ts";
import { boundsOf, koreanDayOf } from "./korean-time.ts";

const at = (text: string) => Date.parse(text);

describe("the choice of days to compare", () => {
  const facts = {
    nowMs: at("2026-03-05T00:31:00+09:00"),
    firstMs: at("2026-03-02T23:59:59+09:00"),
    lastDay: undefined,
    delayMs: 30 * 60_000,
  };

  it("takes the past Korean days from the first charge on, or from the newest one that is scheduled", () => {
    expect(daysToSchedule(facts)).to.deep.equal(["2026-03-02", "2026-03-03", "2026-03-04"]);
    expect(daysToSchedule({ ...facts, lastDay: "2026-03-03" })).to.deep.equal(["2026-03-04"]);
    expect(daysToSchedule({ ...facts, lastDay: "2026-03-04" })).to.deep.equal([]);
  });

  it("waits until a day has been over for a while", () => {
    const nowMs = at("2026-03-05T00:29:00+09:00");
    expect(daysToSchedule({ ...facts, nowMs })).to.deep.equal(["2026-03-02", "2026-03-03"]);
    expect(daysToSchedule({ ...facts, nowMs: facts.firstMs })).to.deep.equal([]);
  });

  it("leaves out no day, however long nothing was scheduled", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 }), age => {
        const firstMs = facts.nowMs - age * 86_400_000;
        const days: string[] = [];
        for (let more = true; more; ) {
          const next = daysToSchedule({ ...facts, firstMs, lastDay: days.at(-1) });
          more = next.length > 0;
          days.push(...next);
        }
        const wanted = Array.from({ length: age }, (_, index) => koreanDayOf(firstMs + index * 86_400_000));
        expect(days).to.deep.equal(wanted);
      }),
    );
  });

  it("reckons in Korean time", () => {
    expect(koreanDayOf(at("2026-03-01T14:59:59Z"))).to.equal("2026-03-01");
    expect(koreanDayOf(at("2026-03-01T15:00:00Z"))).to.equal("2026-03-02");
    expect(boundsOf("2026-03-02")).to.deep.equal({
      start: new Date("2026-03-01T15:00:00Z"),
      end: new Date("2026-03-02T15:00:00Z"),
    });
  });
});
