import { expect } from "chai";
import { boundsOf, koreanDayOf, nextDay } from "./compared-days.ts";

const at = (text: string) => Date.parse(text);

describe("the choice of a day to compare", () => {
  const choice = {
    nowMs: at("2026-03-05T00:31:00+09:00"),
    firstMs: at("2026-03-02T23:59:59+09:00"),
    done: new Set<string>(),
    delayMs: 30 * 60_000,
    daysMax: 31,
  };

  it("takes the oldest past Korean day that was not compared", () => {
    expect(nextDay(choice)).to.equal("2026-03-02");
    expect(nextDay({ ...choice, done: new Set(["2026-03-02"]) })).to.equal("2026-03-03");
    expect(nextDay({ ...choice, done: new Set(["2026-03-02", "2026-03-03", "2026-03-04"]) })).to.equal(
      undefined,
    );
  });

  it("waits until a day has been over for a while", () => {
    const done = new Set(["2026-03-02", "2026-03-03"]);
    expect(nextDay({ ...choice, done })).to.equal("2026-03-04");
    expect(nextDay({ ...choice, done, nowMs: at("2026-03-05T00:29:00+09:00") })).to.equal(undefined);
  });

  it("catches up at most the configured number of days", () => {
    expect(nextDay({ ...choice, daysMax: 2 })).to.equal("2026-03-03");
    expect(nextDay({ ...choice, firstMs: at("2026-03-05T00:10:00+09:00") })).to.equal(undefined);
  });

  it("begins and ends a day at Korean midnight", () => {
    const { start, end } = boundsOf("2026-03-05");
    expect([start.toISOString(), end.toISOString()]).to.deep.equal([
      "2026-03-04T15:00:00.000Z",
      "2026-03-05T15:00:00.000Z",
    ]);
    expect(koreanDayOf(start.getTime())).to.equal("2026-03-05");
    expect(koreanDayOf(start.getTime() - 1)).to.equal("2026-03-04");
  });
});
