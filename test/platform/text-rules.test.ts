import { create, type DescMessage } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { expect } from "chai";
import { RegisterCouponRequestSchema } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { CreatorContentSchema } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { QuestionContentSchema } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { LoginRequestSchema } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { validator } from "#kit/contract/validation.ts";

const controls = ["\0", "\x07", "\x1b", "\x7f", "\x85", "\r", "\r\n"];
const lineBreaks = ["\n", "\u2028", "\u2029", "\v", "\f"];
const bidirectional = ["\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"];
const invisible = [
  ...["\u00ad", "\u034f", "\u115f", "\u1160", "\u180e", "\u200b", "\u200c", "\u2060", "\u3164", "\ufeff"],
  ...["\uffa0", "\ufe00", "\ufe0e", "\u{e0001}", "\u{e0041}", "\u{e0100}", "\u{1d173}"],
];
// A joiner or a selector that makes no emoji, and half a character.
const stray = ["\u200d", "\ufe0f", "😀\u200d", "가\u200d나", "1\ufe0f", "❤\ufe0f\ufe0f", "\ud800", "\udc00"];
const blanks = [" ", "\u00a0", "\u2003", "\u3000", "\u2800", " \u3000 "];
const visible = [
  ...[
    "수학의 정석",
    "수학\u3000문제",
    "non\u00a0breaking",
    "Ångström",
    "日本語",
    "العربية",
    "₩1,000 (부가세 포함)",
  ],
  ...["😀", "❤️", "👍🏽", "👨‍👩‍👧‍👦", "👩🏽‍🏫", "👁️‍🗨️", "1️⃣", "🇰🇷", "a\u2800b"],
];

/** How many rules the text breaks as the value of a field. */
function broken(schema: DescMessage, field: string, text: string): string[] {
  const result = validator.validate(schema, create(schema, { [field]: text }));
  return (result.violations ?? [])
    .filter(violation => pathToString(violation.field) === field)
    .map(({ ruleId }) => ruleId);
}

describe("the rules of text", () => {
  const name = (text: string) => broken(CreatorContentSchema, "name", text);
  const title = (text: string) => broken(QuestionContentSchema, "title", text);
  const description = (text: string) => broken(QuestionContentSchema, "description", text);

  it("let a line have what people can see", () => {
    for (const text of visible) {
      expect(title(text), text).to.deep.equal([]);
      expect(name(`${text}.`), text).to.deep.equal([]);
      expect(description(text), text).to.deep.equal([]);
    }
    expect(description("첫 줄\n\t둘째 줄\n")).to.deep.equal([]);
  });

  for (const [kind, characters] of Object.entries({
    controls,
    lineBreaks,
    bidirectional,
    invisible,
    stray,
  })) {
    it(`keep ${kind} out of text`, () => {
      for (const character of characters) {
        const text = `가${character}나`;
        expect(title(text), JSON.stringify(text)).to.have.length(1);
        expect(name(text), JSON.stringify(text)).to.have.length(1);
        expect(description(text), JSON.stringify(text)).to.have.length(character === "\n" ? 0 : 1);
      }
    });
  }

  it("call a text blank that shows nothing", () => {
    for (const text of ["", ...blanks]) {
      expect(title(text), JSON.stringify(text)).to.deep.equal(["string.not_blank"]);
      expect(description(text), JSON.stringify(text)).to.deep.equal(["string.not_blank"]);
    }
    for (const text of ["\u3164", "\u115f", "\u200b", "\n"]) {
      expect(title(text), JSON.stringify(text)).to.include("string.not_blank");
      expect(description(text), JSON.stringify(text)).to.include("string.not_blank");
    }
  });

  it("let a name neither begin nor end with a blank", () => {
    for (const blank of blanks) {
      expect(name(`${blank}정석`), JSON.stringify(blank)).to.deep.equal(["string.trimmed"]);
      expect(name(`정석${blank}`), JSON.stringify(blank)).to.deep.equal(["string.trimmed"]);
      expect(name(`수학${blank}정석`), JSON.stringify(blank)).to.deep.equal([]);
    }
  });

  it("keep only control characters out of a password, and all but letters, digits and hyphens out of a code", () => {
    const password = (text: string) => broken(LoginRequestSchema, "password", text);
    expect([...visible, "\u200b"].flatMap(password)).to.deep.equal([]);
    expect(password("a\0b")).to.deep.equal(["string.text.password"]);
    const code = (text: string) => broken(RegisterCouponRequestSchema, "code", text);
    expect(code("SPRING-26")).to.deep.equal([]);
    expect(["spring", "봄할인쿠폰", "A_BC", "ABC\n"].flatMap(code)).to.deep.equal(
      Array(4).fill("string.text.code"),
    );
  });
});
