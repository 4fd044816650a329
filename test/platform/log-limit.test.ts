import { expect } from "chai";
import { createLineLimit, type Line } from "#kit/process/limit-lines.ts";
import { until } from "../support/stack/until.ts";

const windowMs = 100;

describe("the lines of a log", () => {
  it("about faults that are alike are written twenty times, and then counted", async () => {
    const mayWrite = createLineLimit(windowMs);
    const reports: Line[] = [];
    const write = (fields: Line["fields"], message: string, times: number) =>
      Array.from({ length: times }, () => mayWrite({ fields, message }, line => reports.push(line))).filter(
        Boolean,
      );
    const err = new Error("no database");
    expect(write({ err, method: "GetWallet" }, "call failed", 500)).to.have.length(20);
    expect(write({ err, method: "GetCart" }, "call failed", 5)).to.have.length(5);
    expect(write({ store: "redis" }, "redis unavailable", 30)).to.have.length(20);
    await until(() => reports.length === 2, "what was left out is reported");
    expect(reports).to.deep.equal([
      {
        message: "similar lines left out",
        fields: { method: "GetWallet", line: "call failed", leftOut: 480 },
      },
      {
        message: "similar lines left out",
        fields: { store: "redis", line: "redis unavailable", leftOut: 10 },
      },
    ]);
    expect(write({ err, method: "GetWallet" }, "call failed", 1)).to.have.length(1);
  });

  it("about anything else are all written", () => {
    const mayWrite = createLineLimit(windowMs);
    const line = {
      fields: { reason: "NOT_ENOUGH_POINT", method: "PurchaseQuestions" },
      message: "call refused",
    };
    expect(Array.from({ length: 100 }, () => mayWrite(line, () => {}))).not.to.include(false);
  });
});
