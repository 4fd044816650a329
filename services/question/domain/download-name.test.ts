import { expect } from "chai";
import fc from "fast-check";
import { downloadName } from "./download-name.ts";

describe("a download name", () => {
  it("keeps a title that every file system takes", () => {
    expect(downloadName("미분계수와 도함수 (2)", { explanation: false })).to.equal(
      "미분계수와 도함수 (2).pdf",
    );
    expect(downloadName("a/b: c?", { explanation: true })).to.equal("a b c 해설.pdf");
    expect(downloadName("...", { explanation: false })).to.equal("question.pdf");
  });

  it("is short, on one line and free of separators, whatever the title", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.boolean(), (title, explanation) => {
        const name = downloadName(title, { explanation });
        expect(name).to.match(/^[^\p{Cc}\\/:*?"<>|]+\.pdf$/u);
        expect(name.startsWith(".")).to.equal(false);
        expect([...name].length).to.be.at.most(90);
      }),
    );
  });
});
