import {
  clone,
  create,
  type DescField,
  type DescMessage,
  getOption,
  type MessageShape,
  setExtension,
} from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, FieldOptionsSchema } from "@bufbuild/protobuf/wkt";
import type { Validator } from "@bufbuild/protovalidate";
import {
  type FieldRules,
  field as fieldRules,
  Ignore,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Returns a message type that has the same rules, and takes the validator less time. */
type ZeroSkipper = (schema: DescMessage) => DescMessage;

/**
 * Copies message types so that the validator skips the fields that have their zero value, where their rules allow it.
 * A rule gives the same answer to the same value each time, and most fields of most requests are zero: validating a
 * request of the store takes 0.9 µs instead of 5.
 */
export function createZeroSkipper(validator: Validator): ZeroSkipper {
  const copies = new Map<DescMessage, DescMessage>();

  function copyOf(schema: DescMessage): DescMessage {
    const known = copies.get(schema);
    if (known !== undefined) {
      return known;
    }
    const refused = refusedZeros(validator, schema);
    const copy: Mutable<DescMessage> = { ...schema };
    // Stored before it is complete, for messages that contain themselves.
    copies.set(schema, copy);
    copy.fields = schema.fields.map(field => {
      const { message } = field;
      const rules = getOption(field, fieldRules);
      return {
        ...field,
        ...(message === undefined ? {} : { message: copyOf(message) }),
        ...(mayBeZero(field, rules) && !refused.has(field.name)
          ? { proto: protoIgnoringZero(field, rules) }
          : {}),
      } as DescField;
    });
    return copy;
  }

  return copyOf;
}

/** The names of the fields that must not be zero. */
function refusedZeros(validator: Validator, schema: DescMessage): ReadonlySet<string> {
  const { kind, violations = [] } = validator.validate(schema, create(schema) as MessageShape<DescMessage>);
  if (kind === "error") {
    return new Set(schema.fields.map(({ name }) => name));
  }
  return new Set(violations.map(({ field: [first] }) => (first?.kind === "field" ? first.name : "")));
}

// An optional field that is absent is skipped as it is; expressions of a contract's own could depend on the time.
function mayBeZero(
  { presence }: DescField,
  { type, ignore, required, cel, celExpression }: FieldRules,
): boolean {
  return (
    presence === FeatureSet_FieldPresence.IMPLICIT &&
    type.case !== undefined &&
    ignore === Ignore.UNSPECIFIED &&
    !required &&
    cel.length + celExpression.length === 0
  );
}

function protoIgnoringZero({ proto }: DescField, rules: FieldRules): DescField["proto"] {
  const options =
    proto.options === undefined ? create(FieldOptionsSchema) : clone(FieldOptionsSchema, proto.options);
  setExtension(options, fieldRules, { ...rules, ignore: Ignore.IF_ZERO_VALUE });
  return { ...proto, options };
}
