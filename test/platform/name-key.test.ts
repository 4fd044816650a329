import { expect } from "chai";
import fc from "fast-check";
import { nameKey } from "#kit/contract/name-key.ts";

const syllables = Array.from({ length: 11_172 }, (_, index) => String.fromCodePoint(0xac00 + index));

describe("the key of a name", () => {
  it("is the same for names that people can hardly tell apart", () => {
    for (const [name, ...others] of [
      [
        "수학의 정석",
        "수학의 정석".normalize("NFD"),
        "수학의  정석",
        " 수학의\u3000정석\u00a0",
        "수학의\u200b 정석",
      ],
      ["Math 1", "MATH 1", "ｍａｔｈ　１", "Ｍath\t1"],
      ["paypal", "раураl", "PayPal"],
      ["Straße", "STRASSE", "strasse"],
      ["❤️", "❤"],
    ] as const) {
      for (const other of others) {
        expect(nameKey(other), JSON.stringify(other)).to.equal(nameKey(name));
      }
    }
  });

  it("is different for names that people tell apart", () => {
    const names = [
      "😀😀",
      "😀😃",
      "🍎🍎",
      "수학의 정석",
      "수학의정석",
      "각가",
      "가까",
      "math 1",
      "math 2",
      "é",
      "e",
      ...syllables,
    ];
    expect(new Set(names.map(nameKey)).size).to.equal(names.length);
  });

  it("does not depend on case or composition, and fits into its column", () => {
    const anyName = fc.string({ unit: "grapheme", maxLength: 50 });
    fc.assert(
      fc.property(anyName, name => {
        const variants = [name.toUpperCase(), name.toLowerCase(), name.normalize("NFD"), `  ${name} `];
        expect(new Set(variants.map(nameKey))).to.deep.equal(new Set([nameKey(name)]));
        expect([...nameKey(name)].length).to.be.at.most(200);
      }),
    );
    expect([...nameKey("\ufdfa".repeat(50))].length).to.be.at.most(200);
  });
});
