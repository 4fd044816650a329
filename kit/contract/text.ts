import {
  type DescField,
  type DescMessage,
  getExtension,
  getOption,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema, anyPack, anyUnpack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type FieldRules,
  field as fieldRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Text, text as textRule } from "#gen/questioncloud/options/v1/text_pb.ts";
import { contracts } from "#kit/contract/contracts.ts";
import { normalizeEmail } from "#kit/contract/email.ts";
import { Failure } from "#kit/contract/failure.ts";

/**
 * Makes one text of what people hold for one, in place, by the rules of the contract: UUIDs and email addresses in
 * lower case, codes in upper case; passwords, email addresses and codes in NFKC, all other text in NFC.
 */
export function normalizeText(schema: DescMessage, message: Message): void {
  const steps = planOf(schema);
  if (steps.length > 0) {
    run(steps, reflect(schema, message, false));
  }
}

type Step = (message: ReflectMessage) => void;

// A plan follows from the descriptor, so it is made once; messages without text have an empty one.
const plans = new Map<DescMessage, readonly Step[]>();
const incomplete = new Set<DescMessage>();

function planOf(schema: DescMessage): readonly Step[] {
  const known = plans.get(schema);
  if (known !== undefined) {
    return known;
  }
  const steps: Step[] = [];
  // Stored before it is complete, for messages that contain themselves.
  plans.set(schema, steps);
  incomplete.add(schema);
  for (const field of schema.fields) {
    const step = stepOf(field, getOption(field, fieldRules));
    if (step !== undefined) {
      steps.push(step);
    }
  }
  incomplete.delete(schema);
  return steps;
}

function run(steps: readonly Step[], message: ReflectMessage): void {
  for (const step of steps) {
    step(message);
  }
}

function stepOf(field: DescField, rules: FieldRules): Step | undefined {
  const { type } = rules;
  switch (field.fieldKind) {
    case "list": {
      const normalize = normalizerOf(field, type.case === "repeated" ? type.value.items : undefined);
      return normalize && (message => normalizeList(message, field, normalize));
    }
    case "map": {
      const { keys, values } = type.case === "map" ? type.value : {};
      const normalizers = {
        key: field.mapKey === ScalarType.STRING ? stringNormalizerOf(keys) : undefined,
        value: normalizerOf(field, values),
      };
      return normalizers.key || normalizers.value
        ? message => normalizeMap(message, field, normalizers)
        : undefined;
    }
    default: {
      const normalize = normalizerOf(field, rules);
      return normalize && (message => normalizeField(message, field, normalize));
    }
  }
}

/** Returns the normal form of a string or a message; a message is changed in place. */
type Normalize = (value: unknown) => unknown;

/** Undefined for values that contain no text. */
function normalizerOf(
  { scalar, message }: { scalar?: ScalarType | undefined; message?: DescMessage | undefined },
  rules: FieldRules | undefined,
): Normalize | undefined {
  if (scalar === ScalarType.STRING) {
    return stringNormalizerOf(rules);
  }
  if (message === undefined) {
    return undefined;
  }
  switch (message.typeName) {
    case AnySchema.typeName:
      return inPlace(normalizeAny);
    case StringValueSchema.typeName: {
      const normalize = stringNormalizerOf(rules);
      return inPlace(wrapper => normalizeField(wrapper, StringValueSchema.field.value, normalize));
    }
    default: {
      const steps = planOf(message);
      return steps.length > 0 || incomplete.has(message) ? inPlace(value => run(steps, value)) : undefined;
    }
  }
}

function inPlace(step: Step): Normalize {
  return value => {
    step(value as ReflectMessage);
    return value;
  };
}

function stringNormalizerOf(rules: FieldRules | undefined): Normalize {
  const normalize = formOf(rules);
  return value => normalize(value as string);
}

function formOf(rules: FieldRules | undefined): (text: string) => string {
  const string = rules?.type.case === "string" ? rules.type.value : undefined;
  switch (string?.wellKnown.case) {
    case "uuid":
      return text => text.toLowerCase();
    case "email":
      return normalizeEmail;
  }
  switch (string && getExtension(string, textRule)) {
    case Text.PASSWORD:
      return text => text.normalize("NFKC");
    case Text.CODE:
      return text => text.normalize("NFKC").toUpperCase().normalize("NFKC");
    default:
      return text => text.normalize("NFC");
  }
}

function normalizeField(message: ReflectMessage, field: DescField, normalize: Normalize): void {
  if (message.isSet(field)) {
    message.set(field, normalize(message.get(field)));
  }
}

function normalizeList(
  message: ReflectMessage,
  field: DescField & { fieldKind: "list" },
  normalize: Normalize,
): void {
  const list = message.get(field);
  for (const [index, item] of list.entries()) {
    list.set(index, normalize(item));
  }
}

function normalizeMap(
  message: ReflectMessage,
  field: DescField & { fieldKind: "map" },
  normalizers: { key: Normalize | undefined; value: Normalize | undefined },
): void {
  const map = message.get(field);
  for (const [key, value] of [...map]) {
    const newKey = normalizers.key ? (normalizers.key(key) as string) : key;
    if (newKey !== key) {
      map.delete(key);
      if (map.has(newKey)) {
        const violations = [
          { field: field.name, description: "must not have two keys that are the same text" },
        ];
        throw new Failure(Reason.BAD_REQUEST, { violations });
      }
    }
    map.set(newKey, normalizers.value ? normalizers.value(value) : value);
  }
}

/** A message of a type that no contract knows stays as it is. */
function normalizeAny({ message }: ReflectMessage): void {
  const any = message as Any;
  const content = unpack(any);
  const schema = contracts.getMessage(content?.$typeName ?? "");
  if (content !== undefined && schema !== undefined) {
    normalizeText(schema, content);
    anyPack(schema, content, any);
  }
}

function unpack(any: Any): Message | undefined {
  try {
    return anyUnpack(any, contracts);
  } catch (cause) {
    throw new Failure(Reason.BAD_REQUEST, { cause });
  }
}
