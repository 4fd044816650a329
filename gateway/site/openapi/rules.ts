import { type DescEnum, type DescField, getExtension, getOption, hasOption } from "@bufbuild/protobuf";
import {
  type EnumRules,
  type FieldRules,
  field as fieldRules,
  Ignore,
  type RepeatedRules,
  type StringRules,
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

/** True if the rules refuse a request without the field. */
export function isRequired(rules: FieldRules | undefined): boolean {
  if (!rules || rules.ignore === Ignore.IF_ZERO_VALUE) {
    return false;
  }
  if (rules.required) {
    return true;
  }
  const { type } = rules;
  switch (type.case) {
    case "string":
      return (
        type.value.minLen > 0n ||
        type.value.wellKnown.case !== undefined ||
        refusesEmpty(patternOf(type.value))
      );
    case "repeated":
      return type.value.minItems > 0n;
    case "enum":
      return type.value.notIn.includes(0) || (type.value.in.length > 0 && !type.value.in.includes(0));
    case "int32":
      return type.value.notIn.includes(0) || refusesZero(type.value.greaterThan);
    case "int64":
      return type.value.notIn.includes(0n) || refusesZero(type.value.greaterThan);
    default:
      return false;
  }
}

function refusesEmpty(pattern: string | undefined): boolean {
  return pattern !== undefined && !new RegExp(pattern, "u").test("");
}

function refusesZero(bound: {
  case: "gt" | "gte" | undefined;
  value?: number | bigint | undefined;
}): boolean {
  if (bound.value === undefined) {
    return false;
  }
  return bound.case === "gt" ? bound.value >= 0 : bound.value > 0;
}

/** Length, pattern and format of a string. */
export function describeString(rules: StringRules): Keywords {
  const { minLen, maxLen, wellKnown } = rules;
  const pattern = patternOf(rules);
  const password = getExtension(rules, textRule) === Text.PASSWORD;
  const format = password ? "password" : wellKnown.case && formats.get(wellKnown.case);
  return {
    ...(minLen > 0n && { minLength: Number(minLen) }),
    ...(maxLen > 0n && { maxLength: Number(maxLen) }),
    ...(pattern && { pattern }),
    ...(format && { format }),
  };
}

/**
 * The pattern of the contract, or what a pattern that every language understands can say of its rules of text; it says
 * nothing of invisible characters.
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
export function describeList({ minItems, maxItems, unique }: RepeatedRules): Keywords {
  return {
    ...(minItems > 0n && { minItems: Number(minItems) }),
    ...(maxItems > 0n && { maxItems: Number(maxItems) }),
    ...(unique && { uniqueItems: true }),
  };
}

/** Which values of an enum are allowed. */
export function describeEnum(rules: EnumRules, declaration: DescEnum): Keywords {
  const nameOf = (number: number) => declaration.value[number]?.name ?? String(number);
  return {
    ...(rules.in.length > 0 && { enum: rules.in.map(nameOf) }),
    ...(rules.notIn.length > 0 && { not: { enum: rules.notIn.map(nameOf) } }),
  };
}

/** The range of a number, under the names of JSON Schema. */
export function describeRange(rules: FieldRules | undefined): Keywords {
  const type = rules?.type;
  switch (type?.case) {
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
    case "double":
    case "float": {
      const { greaterThan, lessThan } = type.value;
      return {
        ...(greaterThan.case === "gt" && { exclusiveMinimum: Number(greaterThan.value) }),
        ...(greaterThan.case === "gte" && { minimum: Number(greaterThan.value) }),
        ...(lessThan.case === "lt" && { exclusiveMaximum: Number(lessThan.value) }),
        ...(lessThan.case === "lte" && { maximum: Number(lessThan.value) }),
      };
    }
    default:
      return {};
  }
}
