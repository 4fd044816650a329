import { getExtension } from "@bufbuild/protobuf";
import type { StringRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc from "fast-check";
import {
  not_blank as notBlankRule,
  Text,
  text as textRule,
  trimmed as trimmedRule,
} from "#gen/questioncloud/options/v1/text_pb.ts";

/** Values that break one rule. */
export interface Broken {
  readonly rule: string;
  readonly values: fc.Arbitrary<unknown>;
}

const letters = [..."abcxyz0189", ..."가힣뷁문제수학", ..."éñ漢字"];
const marks = [" ", ".", "!", "'", '"', "%", "_", "\\", "<", "&", "😀", "👍🏽", "❤️"];
const readable = fc.constantFrom(...letters, ...marks);
const ascii = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index));

/** Texts that a field accepts. */
export function validText(rules: StringRules): fc.Arbitrary<string> {
  if (rules.wellKnown.case === "uuid") {
    return fc.uuid();
  }
  if (rules.wellKnown.case === "email") {
    return fc.uuid().map(id => `${id}@example.com`);
  }
  if (rules.in.length > 0) {
    return fc.constantFrom(...rules.in);
  }
  const { minLength, maxLength } = lengthsOf(rules);
  if (rules.pattern !== "") {
    return textOfPattern(rules, new RegExp(rules.pattern, "u"));
  }
  const unit = unitOf(rules);
  const text = fc
    .array(unit, { minLength, maxLength: Math.min(maxLength, minLength + 40) })
    .map(parts => parts.join(""));
  const longest = fc
    .constant("가".repeat(maxLength))
    .map(each => (isCode(rules) ? "A".repeat(maxLength) : each));
  return fc
    .oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: longest })
    .map(each =>
      getExtension(rules, notBlankRule) && each.trim() === "" ? "가".repeat(minLength || 1) : each,
    )
    .map(each => (getExtension(rules, trimmedRule) ? each.replace(/^ | $/g, "가") : each))
    .filter(each => [...each].length >= minLength && [...each].length <= maxLength);
}

/** Texts outside each rule of a field, as they are after normalization. */
export function brokenTexts(rules: StringRules): Broken[] {
  const { minLength, maxLength } = lengthsOf(rules);
  const unit = unitOf(rules);
  const text = getExtension(rules, textRule);
  const broken: Broken[] = [];
  const add = (rule: string, values: fc.Arbitrary<unknown>) => broken.push({ rule, values });
  if (rules.wellKnown.case === "uuid") {
    const near = fc
      .uuid()
      .chain(id => fc.constantFrom(`${id}0`, `{${id}}`, id.slice(1), id.replace("-", "_"), ` ${id}`));
    add("uuid", fc.oneof(fc.constantFrom("", "not a uuid", "0"), near));
  }
  if (rules.wellKnown.case === "email") {
    add(
      "email",
      fc.constantFrom("", "a", "a@", "@b.c", "a b@example.com", "a@b@c.example", "a@exa mple.com", "a\n@b.c"),
    );
  }
  if (rules.in.length > 0) {
    add(
      "in",
      fc.string().filter(each => !rules.in.includes(each)),
    );
  }
  if (minLength > 0) {
    add(
      "min_len",
      fc.array(letterOf(rules), { maxLength: minLength - 1 }).map(parts => parts.join("")),
    );
  }
  if (rules.maxLen > 0n) {
    add(
      "max_len",
      fc.integer({ min: maxLength + 1, max: maxLength + 50 }).map(length => "a".repeat(length)),
    );
  }
  if (rules.pattern !== "") {
    const pattern = new RegExp(rules.pattern, "u");
    add(
      "pattern",
      wellFormed.filter(each => !pattern.test(each.normalize("NFC"))),
    );
  }
  if (text !== Text.UNSPECIFIED) {
    add(
      "text",
      fc.tuple(unit, fc.constantFrom(...hiddenFrom(text)), unit).map(parts => parts.join("")),
    );
  }
  if (getExtension(rules, notBlankRule)) {
    add(
      "not_blank",
      fc.array(blank, { maxLength: 5 }).map(parts => parts.join("")),
    );
  }
  if (getExtension(rules, trimmedRule)) {
    const around = fc
      .tuple(blank, fc.constantFrom("가", "가나다"))
      .chain(([one, word]) => fc.constantFrom(one + word, word + one));
    add("trimmed", around);
  }
  return broken;
}

const blank = fc.constantFrom(" ", "\u00a0", "\u2003", "\u3000");

/** Any text that can be encoded. */
const wellFormed = fc.string({ unit: "grapheme" }).filter(text => text.isWellFormed());

const isCode = (rules: StringRules) => getExtension(rules, textRule) === Text.CODE;

function lengthsOf(rules: StringRules) {
  const minLength = Number(rules.minLen) || (getExtension(rules, notBlankRule) ? 1 : 0);
  return { minLength, maxLength: rules.maxLen > 0n ? Number(rules.maxLen) : minLength + 40 };
}

function unitOf(rules: StringRules): fc.Arbitrary<string> {
  if (rules.pattern !== "") {
    return fc.constantFrom(...ascii);
  }
  return isCode(rules) ? fc.constantFrom(..."ABCXYZ0189-") : readable;
}

/** As `unitOf`, but each is one character. */
function letterOf(rules: StringRules): fc.Arbitrary<string> {
  return rules.pattern !== "" || isCode(rules) ? unitOf(rules) : fc.constantFrom(...letters);
}

/** What each kind of text refuses. */
function hiddenFrom(text: Text): string[] {
  const controls = ["\0", "\x07", "\x1b", "\x7f", "\x85", "\r"];
  const unseen = [
    ...controls,
    "\u200b",
    "\u202e",
    "\u2066",
    "\u00ad",
    "\u3164",
    "\ufeff",
    "\u{e0041}",
    "\u200d",
  ];
  switch (text) {
    case Text.SINGLE_LINE:
      return [...unseen, "\n", "\t", "\u2028"];
    case Text.MULTI_LINE:
      return [...unseen, "\u2028"];
    case Text.PASSWORD:
      return [...controls, "\n"];
    case Text.CODE:
      return [...controls, " ", "_", "가", ".", "'"];
    default:
      throw new Error(`no text is known that the kind ${text} refuses`);
  }
}

function textOfPattern(rules: StringRules, pattern: RegExp): fc.Arbitrary<string> {
  const { minLength, maxLength } = lengthsOf(rules);
  const single = ascii.filter(character => pattern.test(character));
  const text =
    single.length > 0
      ? fc.string({
          unit: fc.constantFrom(...single),
          minLength: Math.max(minLength, 1),
          maxLength: Math.min(maxLength, Math.max(minLength, 1) + 40),
        })
      : fc.stringMatching(pattern, { maxLength: 60 }).filter(each => [...each].length <= maxLength);
  return pattern.test("") && minLength === 0 ? fc.oneof(fc.constant(""), text) : text;
}
