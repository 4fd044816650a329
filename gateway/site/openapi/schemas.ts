import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { FieldRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { readComment } from "./comments.ts";
import {
  describeEnum,
  describeList,
  describeRange,
  describeString,
  findRules,
  isRequired,
  type Keywords,
} from "./rules.ts";

/** The schemas of messages and enums by full name, complete with all schemas that they refer to. */
export interface SchemaCollection {
  /** A reference to the schema of a message. */
  refer(desc: DescMessage): Keywords;
  all(): Record<string, Keywords>;
}

/** Creates an empty collection. */
export function createSchemaCollection(): SchemaCollection {
  const schemas = new Map<string, Keywords>();
  const refer = (desc: DescMessage | DescEnum): Keywords => {
    const wellKnown = wellKnownSchemas.get(desc.typeName);
    if (wellKnown) {
      return wellKnown;
    }
    if (!schemas.has(desc.typeName)) {
      schemas.set(desc.typeName, {});
      schemas.set(
        desc.typeName,
        desc.kind === "enum" ? describeEnumType(desc) : describeMessage(desc, refer),
      );
    }
    return { $ref: `#/components/schemas/${desc.typeName}` };
  };
  return { refer, all: () => Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

type Refer = (desc: DescMessage | DescEnum) => Keywords;

const wellKnownSchemas = new Map<string, Keywords>([
  ["google.protobuf.Timestamp", { type: "string", format: "date-time" }],
  ["google.protobuf.Duration", { type: "string", pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$" }],
  ["google.protobuf.FieldMask", { type: "string" }],
  ["google.protobuf.Empty", { type: "object" }],
]);

function describeEnumType(desc: DescEnum): Keywords {
  const lines = desc.values.map(value => {
    const { text } = readComment(value);
    return text ? `- \`${value.name}\`: ${text}` : `- \`${value.name}\``;
  });
  const description = [readComment(desc).text, "", ...lines].join("\n").trim();
  return { type: "string", description, enum: desc.values.map(value => value.name) };
}

function describeMessage(desc: DescMessage, refer: Refer): Keywords {
  const required = desc.fields.filter(field => isRequired(findRules(field))).map(field => field.jsonName);
  return {
    type: "object",
    ...describe(desc),
    properties: Object.fromEntries(desc.fields.map(field => [field.jsonName, describeField(field, refer)])),
    ...(required.length > 0 && { required }),
  };
}

function describeField(field: DescField, refer: Refer): Keywords {
  const rules = findRules(field);
  const description = describe(field);
  switch (field.fieldKind) {
    case "list": {
      const list = rules?.type.case === "repeated" ? rules.type.value : undefined;
      const items = describeValue(field, list?.items, refer);
      return { type: "array", ...description, items, ...(list && describeList(list)) };
    }
    case "map":
      return { type: "object", ...description, additionalProperties: describeValue(field, undefined, refer) };
    default:
      return { ...describeValue(field, rules, refer), ...description };
  }
}

/** The comment in the contract, if there is one. */
function describe(desc: DescMessage | DescField): Keywords {
  const { text } = readComment(desc);
  return text ? { description: text } : {};
}

/** The schema of a plain field, of the items of a list, or of the values of a map. */
function describeValue(field: DescField, rules: FieldRules | undefined, refer: Refer): Keywords {
  if (field.message) {
    return refer(field.message);
  }
  if (field.enum) {
    return {
      ...refer(field.enum),
      ...(rules?.type.case === "enum" && describeEnum(rules.type.value, field.enum)),
    };
  }
  return describeScalar(field.scalar ?? ScalarType.STRING, rules);
}

function describeScalar(scalar: ScalarType, rules: FieldRules | undefined): Keywords {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: "string", ...(rules?.type.case === "string" && describeString(rules.type.value)) };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.BYTES:
      return { type: "string", contentEncoding: "base64" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: "number", ...describeRange(rules) };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return describeInt64(describeRange(rules));
    default:
      return { type: "integer", format: "int32", ...describeRange(rules) };
  }
}

/**
 * 64-bit numbers are strings in JSON: a pattern says if they can be negative, and extension keywords give the range.
 */
function describeInt64(range: Keywords): Keywords {
  const positive = range.exclusiveMinimum === 0;
  const pattern = positive ? "^[1-9][0-9]*$" : range.minimum === 0 ? "^[0-9]+$" : "^-?[0-9]+$";
  const bounds = Object.entries(range).map(([keyword, value]) => [`x-${keyword}`, value]);
  return { type: "string", format: "int64", pattern, ...Object.fromEntries(bounds) };
}
