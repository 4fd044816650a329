import { type DescField, type DescMessage, getExtension, getOption, hasOption } from "@bufbuild/protobuf";
import {
  type FieldRules,
  FieldRulesSchema,
  type MessageRules,
  message as messageRules,
  predefined,
  type StringRules,
  TimestampRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import {
  not_blank as notBlankRule,
  Text,
  text as textRule,
  trimmed as trimmedRule,
} from "#gen/questioncloud/options/v1/text_pb.ts";
import { findRules, requireKnown } from "./rules.ts";

/** What a message or a field demands and JSON Schema has no keyword for, in the words of its refusal. */
export function readSentences(desc: DescMessage | DescField): string[] {
  if (desc.kind === "message") {
    return hasOption(desc, messageRules) ? sayCel(getOption(desc, messageRules)) : [];
  }
  const rules = findRules(desc);
  if (rules === undefined) {
    return [];
  }
  requireKnown(FieldRulesSchema, rules, knownRules);
  return [...sayCel(rules), ...sayType(rules)];
}

const knownRules = ["required", "cel", "string", "int32", "int64", "enum", "repeated", "timestamp"];

function sayCel({ cel }: FieldRules | MessageRules): string[] {
  return cel.map(rule => rule.message);
}

function sayType({ type }: FieldRules): string[] {
  switch (type.case) {
    case "string":
      return sayText(type.value);
    case "repeated":
      return type.value.items ? sayType(type.value.items) : [];
    case "timestamp": {
      requireKnown(TimestampRulesSchema, type.value, ["gt_now", "within"]);
      const { greaterThan, within } = type.value;
      return [
        ...(greaterThan.case === "gtNow" && greaterThan.value ? ["must be greater than now"] : []),
        ...(within ? [`must be within ${within.seconds}s of now`] : []),
      ];
    }
    default:
      return [];
  }
}

/** The rules that each kind of text brings. A code is what its pattern says. */
const rulesOfKind: Partial<Record<Text, readonly string[]>> = {
  [Text.SINGLE_LINE]: ["string.text.visible", "string.text.emoji"],
  [Text.MULTI_LINE]: ["string.text.visible", "string.text.emoji"],
  [Text.PASSWORD]: ["string.text.password"],
};

/** Patterns cannot name all blanks and invisible characters in a way that every language understands. */
function sayText(rules: StringRules): string[] {
  const ids = rulesOfKind[getExtension(rules, textRule)] ?? [];
  return [
    ...getOption(textRule, predefined).cel.filter(({ id }) => ids.includes(id)),
    ...[notBlankRule, trimmedRule].flatMap(rule =>
      getExtension(rules, rule) ? getOption(rule, predefined).cel : [],
    ),
  ].map(({ message }) => message);
}
