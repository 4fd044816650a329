import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import {
  type FieldRules,
  Int32RulesSchema,
  Int64RulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { type Keywords, requireKnown } from "./rules.ts";

/** The least and the greatest allowed number, both inclusive. */
interface Range {
  readonly least: bigint;
  readonly greatest: bigint;
  /** Numbers in between that are refused nevertheless. */
  readonly except: readonly bigint[];
}

const greatestInt32 = 2n ** 31n - 1n;
const greatestInt64 = 2n ** 63n - 1n;

/** The schema of a whole number: a number of 32 bits, or a string of digits for 64 bits. */
export function describeInteger(scalar: ScalarType, rules: FieldRules | undefined): Keywords {
  if (scalar === ScalarType.INT32) {
    const { least, greatest, except } = findRange(rules, greatestInt32);
    const bounds = { minimum: Number(least), maximum: Number(greatest) };
    return {
      type: "integer",
      format: "int32",
      ...bounds,
      ...(except.length > 0 && { not: { enum: except.map(Number) } }),
    };
  }
  if (scalar !== ScalarType.INT64) {
    throw new Error(`The OpenAPI document does not know the type ${ScalarType[scalar]}.`);
  }
  const range = findRange(rules, greatestInt64);
  return {
    type: "string",
    format: "int64",
    pattern: `^${group(patternOf(range))}$`,
    ...(range.least > -greatestInt64 && { "x-minimum": String(range.least) }),
    ...(range.greatest < greatestInt64 && { "x-maximum": String(range.greatest) }),
    ...(range.except.length > 0 && { not: { enum: range.except.map(String) } }),
  };
}

function findRange(rules: FieldRules | undefined, limit: bigint): Range {
  const type = rules?.type;
  if (type?.case !== "int32" && type?.case !== "int64") {
    return { least: -limit - 1n, greatest: limit, except: [] };
  }
  const schema: DescMessage = type.case === "int32" ? Int32RulesSchema : Int64RulesSchema;
  requireKnown(schema, type.value, ["gt", "gte", "lt", "lte", "not_in"]);
  const { greaterThan: from, lessThan: to, notIn } = type.value;
  return {
    least: from.case === undefined ? -limit - 1n : BigInt(from.value) + (from.case === "gt" ? 1n : 0n),
    greatest: to.case === undefined ? limit : BigInt(to.value) - (to.case === "lt" ? 1n : 0n),
    except: notIn.map(BigInt),
  };
}

/**
 * A regular expression for the decimal numbers of a range. Where the range ends with that of the type, it counts
 * digits only.
 */
function patternOf({ least, greatest }: Range): string {
  const parts = [
    ...(least < 0n ? [`-${group(positivePattern(greatest < 0n ? -greatest : 1n, -least))}`] : []),
    ...(least <= 0n && greatest >= 0n ? ["0"] : []),
    ...(greatest > 0n ? [positivePattern(least > 1n ? least : 1n, greatest)] : []),
  ];
  return parts.join("|");
}

function positivePattern(from: bigint, to: bigint): string {
  const last = to < greatestInt64 ? to : 10n ** 19n - 1n;
  const parts: string[] = [];
  for (let start = from; start <= last; ) {
    const power = String(start).length - 1;
    const full = start === 10n ** BigInt(power) ? String(last + 1n).length - 1 : 0;
    const end = full > power ? 10n ** BigInt(full) - 1n : 10n ** BigInt(power + 1) - 1n;
    parts.push(
      full > power
        ? `[1-9]${anyDigits(power, full - 1)}`
        : sameLength(String(start), String(end < last ? end : last)),
    );
    start = end + 1n;
  }
  return parts.join("|");
}

/** A regular expression for the numbers between two with the same number of digits. */
function sameLength(from: string, to: string): string {
  const [first = "", last = ""] = [from[0], to[0]];
  const [low, high] = [from.slice(1), to.slice(1)];
  if (from === to) {
    return from;
  }
  if (/^0*$/.test(low) && /^9*$/.test(high)) {
    return digitsFrom(Number(first), Number(last)) + anyDigits(low.length);
  }
  if (first === last) {
    return first + group(sameLength(low, high));
  }
  const parts = [first + group(sameLength(low, "9".repeat(low.length)))];
  if (Number(last) - Number(first) > 1) {
    parts.push(digitsFrom(Number(first) + 1, Number(last) - 1) + anyDigits(low.length));
  }
  parts.push(last + group(sameLength("0".repeat(high.length), high)));
  return parts.join("|");
}

function group(pattern: string): string {
  return pattern.includes("|") ? `(${pattern})` : pattern;
}

function digitsFrom(first: number, last: number): string {
  return first === last ? String(first) : `[${first}-${last}]`;
}

function anyDigits(least: number, most = least): string {
  return most === 0 ? "" : `[0-9]{${least === most ? least : `${least},${most}`}}`;
}
