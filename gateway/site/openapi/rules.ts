import {
  type DescEnum,
  type DescField,
  type DescMessage,
  getExtension,
  getOption,
  hasOption,
  type Message,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  type EnumRules,
  EnumRulesSchema,
  type FieldRules,
  field as fieldRules,
  type RepeatedRules,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import {
  not_blank as notBlankRule,
  Text,
  text as textRule,
  trimmed as trimmedRule,
} from "#gen/questioncloud/options/v1/text_pb.ts";

/** Keywords of JSON Schema. */
export type Keywords = Record<string, unknown>;

/** Finds the rules of a field in the contract. */
export function findRules(field: DescField): FieldRules | undefined {
  return hasOption(field, fieldRules) ? getOption(field, fieldRules) : undefined;
}

/** Length, pattern, format and allowed values of a string. */
export function describeString(rules: StringRules): Keywords {
  requireKnown(StringRulesSchema, rules, ["min_len", "max_len", "pattern", "in", ...formats.keys()]);
  const { minLen, maxLen, wellKnown } = rules;
  const pattern = patternOf(rules);
  const password = getExtension(rules, textRule) === Text.PASSWORD;
  const format = password ? "password" : wellKnown.case && formats.get(wellKnown.case);
  return {
    ...(minLen > 0n && { minLength: Number(minLen) }),
    ...(maxLen > 0n && { maxLength: Number(maxLen) }),
    ...(pattern && { pattern }),
    ...(format && { format }),
    ...(rules.in.length > 0 && { enum: rules.in }),
  };
}

/**
 * The pattern of the contract, or what a pattern that every language understands can say of its rules of text; their
 * sentences say the rest.
 */
function patternOf(rules: StringRules): string | undefined {
  if (rules.pattern !== "") {
    return rules.pattern;
  }
  const text = getExtension(rules, textRule);
  if (text === Text.CODE) {
    return "^[A-Za-z0-9-]*$";
  }
  if (getExtension(rules, trimmedRule)) {
    return "^\\S(.*\\S)?$";
  }
  const singleLine = text === Text.SINGLE_LINE;
  if (getExtension(rules, notBlankRule)) {
    return singleLine ? "^.*\\S.*$" : "\\S";
  }
  return singleLine ? "^.*$" : undefined;
}

const formats = new Map([
  ["email", "email"],
  ["uuid", "uuid"],
  ["uri", "uri"],
  ["hostname", "hostname"],
  ["ipv4", "ipv4"],
  ["ipv6", "ipv6"],
]);

/** How many items a list may have. */
export function describeList(rules: RepeatedRules): Keywords {
  const { minItems, maxItems, unique } = rules;
  requireKnown(RepeatedRulesSchema, rules, ["min_items", "max_items", "unique", "items"]);
  return {
    ...(minItems > 0n && { minItems: Number(minItems) }),
    ...(maxItems > 0n && { maxItems: Number(maxItems) }),
    ...(unique && { uniqueItems: true }),
  };
}

/** Which values of an enum are refused; the schema of the enum itself names all. */
export function describeEnum(rules: EnumRules, declaration: DescEnum): Keywords {
  requireKnown(EnumRulesSchema, rules, ["defined_only", "in", "not_in"]);
  const refused = declaration.values.filter(
    ({ number }) => rules.notIn.includes(number) || (rules.in.length > 0 && !rules.in.includes(number)),
  );
  return refused.length > 0 ? { not: { enum: refused.map(({ name }) => name) } } : {};
}

/** Throws for a rule that the document would lose. */
export function requireKnown(schema: DescMessage, rules: Message, known: readonly string[]): void {
  const message = reflect(schema, rules);
  const unknown = message.fields.filter(field => message.isSet(field) && !known.includes(field.name));
  if (unknown.length > 0) {
    const names = unknown.map(({ name }) => name).join(", ");
    throw new Error(`The OpenAPI document has no keyword for the rules ${names} of ${schema.typeName}.`);
  }
}
