import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  getOption,
  hasOption,
  ScalarType,
} from "@bufbuild/protobuf";
import {
  type FieldRules,
  oneof as oneofRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { validator } from "#kit/contract/validation.ts";
import { readComment } from "./comments.ts";
import { describeInteger } from "./numbers.ts";
import { describeEnum, describeList, describeString, findRules, type Keywords } from "./rules.ts";
import { readSentences } from "./sentences.ts";

/** The schemas of messages and enums by full name, complete with all schemas that they refer to. */
export interface SchemaCollection {
  /** A reference to the schema of a message. */
  refer(desc: DescMessage): Keywords;
  all(): Record<string, Keywords>;
}

/**
 * Creates an empty collection. What belongs to one of `requests` may have no other fields than those of its schema;
 * answers may get further ones.
 */
export function createSchemaCollection(requests: readonly DescMessage[]): SchemaCollection {
  const schemas = new Map<string, Keywords>();
  const closed = reachableFrom(requests);
  const refer = (desc: DescMessage | DescEnum): Keywords => {
    const wellKnown = wellKnownSchemas.get(desc.typeName);
    if (wellKnown) {
      return wellKnown;
    }
    if (!schemas.has(desc.typeName)) {
      schemas.set(desc.typeName, {});
      schemas.set(
        desc.typeName,
        desc.kind === "enum" ? describeEnumType(desc) : describeMessage(desc, refer, closed.has(desc)),
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

function describeMessage(desc: DescMessage, refer: Refer, closed: boolean): Keywords {
  const required = findRequired(desc);
  return {
    type: "object",
    ...describe(desc),
    properties: Object.fromEntries(desc.fields.map(field => [field.jsonName, describeField(field, refer)])),
    ...(closed && { additionalProperties: false }),
    ...(required.length > 0 && { required: required.map(field => field.jsonName) }),
    ...describeOneofs(desc),
  };
}

/** The fields without which a message is refused. */
function findRequired(desc: DescMessage): DescField[] {
  const { violations = [], error } = validator.validate(desc, create(desc));
  if (violations.length === 0 && error !== undefined) {
    throw error;
  }
  return desc.fields.filter(field => violations.some(({ field: path }) => path[0] === field));
}

/**
 * At most one field of a oneof, or exactly one if it is required. Not as the keyword `oneOf`, for which generators
 * make types without fields.
 */
function describeOneofs({ oneofs }: DescMessage): Keywords {
  const refused = oneofs.flatMap(oneof => {
    const names = oneof.fields.map(field => field.jsonName);
    const pairs = names.flatMap((one, index) => names.slice(index + 1).map(other => [one, other]));
    const none = { not: { anyOf: names.map(name => ({ required: [name] })) } };
    return [...pairs.map(required => ({ required })), ...(isOneofRequired(oneof) ? [none] : [])];
  });
  return refused.length > 0 ? { not: { anyOf: refused } } : {};
}

function isOneofRequired(oneof: DescOneof): boolean {
  return hasOption(oneof, oneofRules) && getOption(oneof, oneofRules).required;
}

/** These messages and those in their fields. */
function reachableFrom(messages: readonly DescMessage[], found = new Set<DescMessage>()): Set<DescMessage> {
  for (const message of messages.filter(each => !found.has(each))) {
    found.add(message);
    reachableFrom(
      message.fields.flatMap(field => field.message ?? []),
      found,
    );
  }
  return found;
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

/** The comment in the contract, and the rules that have no keyword. */
function describe(desc: DescMessage | DescField): Keywords {
  const parts = [readComment(desc).text, ...readSentences(desc).map(rule => `Rule: ${rule}.`)];
  const text = parts.filter(Boolean).join("\n\n");
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
    default:
      return describeInteger(scalar, rules);
  }
}
