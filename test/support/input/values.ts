import { type DescEnum, type DescField, getOption, ScalarType } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type FieldRules,
  field as fieldRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc from "fast-check";
import { type Broken, brokenTexts, validText } from "./texts.ts";

/** The rules of a field; those of a list are about the list. */
export function rulesOf(field: DescField): FieldRules {
  return getOption(field, fieldRules);
}

/** The rules of a list, with what holds where they say nothing. */
export function listRules(rules: FieldRules) {
  const {
    minItems = 0n,
    maxItems = 0n,
    unique = false,
    items,
  } = rules.type.case === "repeated" ? rules.type.value : {};
  return { minItems, maxItems, unique, items };
}

/** What a value is, whether it is a field's own or an item of its list. */
interface ValueKind {
  readonly scalar?: ScalarType | undefined;
  readonly enum?: DescEnum | undefined;
}

/** Values that a scalar or an enum accepts. */
export function validValue(
  { scalar, enum: named }: ValueKind,
  rules: FieldRules | undefined,
): fc.Arbitrary<unknown> {
  if (named !== undefined) {
    return fc.constantFrom(...allowedNumbers(named, rules));
  }
  switch (scalar) {
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.STRING:
      return validText(stringRules(rules));
    case ScalarType.INT32:
    case ScalarType.INT64: {
      const { min, max } = rangeOf(scalar, rules);
      const small = { min, max: min + 100n < max ? min + 100n : max };
      return toScalar(scalar, fc.oneof(fc.bigInt(small), fc.bigInt({ min, max }), fc.constantFrom(min, max)));
    }
    default:
      throw new Error(`no values are made for the scalar type ${scalar}`);
  }
}

/** Values outside each rule of a scalar or an enum. */
export function brokenValues({ scalar, enum: named }: ValueKind, rules: FieldRules | undefined): Broken[] {
  if (named !== undefined) {
    return brokenNumbers(named, rules);
  }
  switch (scalar) {
    case ScalarType.BOOL:
      return [];
    case ScalarType.STRING:
      return brokenTexts(stringRules(rules));
    case ScalarType.INT32:
    case ScalarType.INT64: {
      const { min, max } = rangeOf(scalar, rules);
      const all = limits[scalar];
      const outside = [
        { rule: "gte", range: { min: all.min, max: min - 1n } },
        { rule: "lte", range: { min: max + 1n, max: all.max } },
      ];
      return outside
        .filter(({ range }) => range.min <= range.max)
        .map(({ rule, range }) => ({
          rule,
          values: toScalar(scalar, fc.oneof(fc.constantFrom(range.min, range.max), fc.bigInt(range))),
        }));
    }
    default:
      throw new Error(`no values are made for the scalar type ${scalar}`);
  }
}

/** Times that a field accepts. */
export const validTimes = fc
  .integer({ min: 60_000, max: 300 * 86_400_000 })
  .map(ms => timestampFromMs(Date.now() + ms));

/** Times outside each rule of a field. */
export function brokenTimes(rules: FieldRules): Broken[] {
  const times = rules.type.case === "timestamp" ? rules.type.value : undefined;
  const past = fc.integer({ min: 1, max: 1_000_000_000 }).map(ms => timestampFromMs(Date.now() - ms));
  return times?.greaterThan.case === "gtNow" ? [{ rule: "gt_now", values: past }] : [];
}

const limits = {
  [ScalarType.INT32]: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  [ScalarType.INT64]: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
};

function toScalar(scalar: ScalarType, values: fc.Arbitrary<bigint>): fc.Arbitrary<unknown> {
  return scalar === ScalarType.INT32 ? values.map(Number) : values;
}

function stringRules(rules: FieldRules | undefined) {
  if (rules?.type.case !== "string") {
    throw new Error("a text has no rules");
  }
  return rules.type.value;
}

function rangeOf(scalar: ScalarType.INT32 | ScalarType.INT64, rules: FieldRules | undefined) {
  const numbers = rules?.type.case === "int32" || rules?.type.case === "int64" ? rules.type.value : undefined;
  const above = numbers?.greaterThan;
  const below = numbers?.lessThan;
  return {
    min:
      above?.case === undefined ? limits[scalar].min : BigInt(above.value) + (above.case === "gt" ? 1n : 0n),
    max:
      below?.case === undefined ? limits[scalar].max : BigInt(below.value) - (below.case === "lt" ? 1n : 0n),
  };
}

function enumRules(rules: FieldRules | undefined) {
  return rules?.type.case === "enum" ? rules.type.value : undefined;
}

function allowedNumbers(named: DescEnum, rules: FieldRules | undefined): number[] {
  const { in: only = [], notIn = [] } = enumRules(rules) ?? {};
  const numbers = named.values.map(({ number }) => number);
  return numbers.filter(number => !notIn.includes(number) && (only.length === 0 || only.includes(number)));
}

function brokenNumbers(named: DescEnum, rules: FieldRules | undefined): Broken[] {
  const { notIn = [], definedOnly = false } = enumRules(rules) ?? {};
  const numbers = named.values.map(({ number }) => number);
  const unknown = fc.integer({ min: -1000, max: 1_000_000 }).filter(number => !numbers.includes(number));
  return [
    ...(definedOnly ? [{ rule: "defined_only", values: unknown }] : []),
    ...(notIn.length > 0 ? [{ rule: "not_in", values: fc.constantFrom(...notIn) }] : []),
  ];
}
