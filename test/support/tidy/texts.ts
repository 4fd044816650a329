import { type DescMessage, getExtension, getOption, ScalarType } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type FieldRules,
  field as fieldRules,
  type StringRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { TextSchema, text as textRule } from "#gen/questioncloud/options/v1/text_pb.ts";

/** A string in a message, and what the contract says that it is. */
interface DeclaredText {
  readonly name: string;
  readonly kinds: readonly string[];
}

/** The strings in a message and in the messages within it. */
export function textsIn(message: DescMessage, seen = new Set<string>()): DeclaredText[] {
  if (seen.has(message.typeName)) {
    return [];
  }
  seen.add(message.typeName);
  return message.fields.flatMap(field => {
    const { type } = getOption(field, fieldRules);
    const name = `${message.typeName}.${field.name}`;
    const text = (suffix: string, rules: FieldRules | undefined) => ({
      name: name + suffix,
      kinds: kindsOf(rules),
    });
    const isText =
      field.scalar === ScalarType.STRING || field.message?.typeName === StringValueSchema.typeName;
    const nested = field.message && !isText ? textsIn(field.message, seen) : [];
    switch (field.fieldKind) {
      case "list": {
        return isText ? [text("[]", type.case === "repeated" ? type.value.items : undefined)] : nested;
      }
      case "map": {
        const { keys, values } = type.case === "map" ? type.value : {};
        const hasTextKeys = field.mapKey === ScalarType.STRING;
        return [...(hasTextKeys ? [text(" (key)", keys)] : []), ...(isText ? [text("", values)] : nested)];
      }
      default:
        return isText ? [text("", getOption(field, fieldRules))] : nested;
    }
  });
}

function kindsOf(rules: FieldRules | undefined): string[] {
  if (rules?.type.case !== "string") {
    return [];
  }
  const { value } = rules.type;
  const text = getExtension(value, textRule);
  return [
    ...(value.wellKnown.case === undefined ? [] : [value.wellKnown.case]),
    ...(text === 0 ? [] : [TextSchema.value[text]?.name ?? ""]),
    ...(value.in.length > 0 ? ["one of a list"] : []),
    ...(allowsAsciiAlone(value) ? ["ASCII"] : []),
  ];
}

/** True for an anchored pattern of literals and classes that name ASCII characters. */
function allowsAsciiAlone({ pattern }: StringRules): boolean {
  const literals = pattern.replace(/\[(?!\^)[^\]\\]*\]/g, "");
  return /^\^[ -~]*\$$/.test(pattern) && !/[.\\[]/.test(literals);
}
