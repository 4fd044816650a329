import { create, type DescField, type DescMessage, type Message } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { validator } from "#kit/contract/validation.ts";
import { listRules, rulesOf, validTimes, validValue } from "./values.ts";

interface Fullness {
  /** Every field is set, and every list has an item, except where another member of a oneof is. */
  readonly full?: boolean;
}

/** Messages that keep every rule of the contract. */
export function validMessage(schema: DescMessage, { full = false }: Fullness = {}): fc.Arbitrary<Message> {
  if (schema.typeName === TimestampSchema.typeName) {
    return validTimes;
  }
  const own = schema.fields.filter(field => field.oneof === undefined);
  const required = own.filter(field => full || isAlwaysSet(field)).map(({ localName }) => localName);
  const plain = fc.record(Object.fromEntries(own.map(field => [field.localName, validField(field, full)])), {
    requiredKeys: required,
  });
  const choices = schema.oneofs.map(oneof =>
    fc
      .oneof(
        ...oneof.fields.map(field =>
          validField(field, full).map(value => ({ case: field.localName, value })),
        ),
      )
      .map(choice => [oneof.localName, choice] as const),
  );
  return fc
    .tuple(plain, ...choices)
    .map(([fields, ...chosen]) => create(schema, { ...fields, ...Object.fromEntries(chosen) }))
    .filter(message => validator.validate(schema, message).kind === "valid");
}

// A field that is not optional is always there; its rules may refuse the zero value.
function isAlwaysSet(field: DescField): boolean {
  return (
    rulesOf(field).required ||
    field.fieldKind === "scalar" ||
    field.fieldKind === "enum" ||
    field.fieldKind === "list"
  );
}

function validField(field: DescField, full: boolean): fc.Arbitrary<unknown> {
  const rules = rulesOf(field);
  switch (field.fieldKind) {
    case "scalar":
    case "enum":
      return validValue(field, rules);
    case "message":
      return validMessage(field.message, { full });
    case "list": {
      const { minItems, maxItems, unique, items } = listRules(rules);
      const item =
        field.listKind === "message" ? validMessage(field.message, { full }) : validValue(field, items);
      const minLength = Math.max(Number(minItems), full ? 1 : 0);
      const maxLength = Math.max(minLength, Math.min(Number(maxItems), 3));
      return unique
        ? fc.uniqueArray(item, { minLength, maxLength })
        : fc.array(item, { minLength, maxLength });
    }
    default:
      throw new Error(`no values are made for ${field}`);
  }
}
