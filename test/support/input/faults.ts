import { create, type DescField, type DescMessage, getOption, type Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import {
  message as messageRules,
  oneof as oneofRules,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc from "fast-check";
import { breakMessageRule } from "./message-rules.ts";
import type { Broken } from "./texts.ts";
import { brokenTimes, brokenValues, listRules, rulesOf } from "./values.ts";

/** One way to break one rule of a message that keeps all others. */
export interface Fault {
  /** The field as a refusal names it. */
  readonly path: string;
  readonly rule: string;
  readonly values: fc.Arbitrary<unknown>;
  /** Puts a value into a message in which every field is set. */
  plant(message: Message, value: unknown): void;
}

/** Finds a message inside the one of the request. */
type Find = (request: ReflectMessage) => ReflectMessage;

/** Every way to break a declared rule of a request, those of the messages in it included. */
export function faultsOf(schema: DescMessage): Fault[] {
  return faultsIn(schema, "", request => request).map(({ plantIn, ...fault }) => ({
    ...fault,
    plant: (message, value) => plantIn(reflect(schema, message, false), value),
  }));
}

interface Placed extends Omit<Fault, "plant"> {
  plantIn(request: ReflectMessage, value: unknown): void;
}

function faultsIn(schema: DescMessage, prefix: string, find: Find): Placed[] {
  const within = prefix === "" ? "" : `${prefix}.`;
  const choices = schema.oneofs
    .filter(oneof => getOption(oneof, oneofRules).required)
    .map(oneof => ({
      path: within + oneof.name,
      rule: "required",
      values: fc.constant(undefined),
      plantIn: (request: ReflectMessage) => {
        for (const field of oneof.fields) {
          find(request).clear(field);
        }
      },
    }));
  const ofMessage = getOption(schema, messageRules).cel.map(({ id }) => ({
    path: prefix,
    rule: id,
    values: fc.constant(undefined),
    plantIn: (request: ReflectMessage) => breakMessageRule(id, find(request).message),
  }));
  return [
    ...schema.fields.flatMap(field => faultsAt(field, within + field.name, find)),
    ...choices,
    ...ofMessage,
  ];
}

function faultsAt(field: DescField, path: string, find: Find): Placed[] {
  const rules = rulesOf(field);
  const set = ({ rule, values }: Broken): Placed => ({
    path,
    rule,
    values,
    plantIn: (request, value) => find(request).set(field, value),
  });
  const missing: Placed[] = rules.required
    ? [
        {
          path,
          rule: "required",
          values: fc.constant(undefined),
          plantIn: request => find(request).clear(field),
        },
      ]
    : [];
  switch (field.fieldKind) {
    case "scalar":
    case "enum":
      return brokenValues(field, rules).map(set);
    case "list":
      return faultsOfList(field, path, find);
    case "message":
      return field.message.typeName === TimestampSchema.typeName
        ? [...missing, ...brokenTimes(rules).map(broken => setMessage(set(broken), field, find))]
        : [...missing, ...faultsIn(field.message, path, request => messageAt(find(request), field))];
    default:
      throw new Error(`no faults are made for ${field}`);
  }
}

function setMessage(fault: Placed, field: DescField & { fieldKind: "message" }, find: Find): Placed {
  return {
    ...fault,
    plantIn: (request, value) => find(request).set(field, reflect(field.message, value as Message, false)),
  };
}

function messageAt(parent: ReflectMessage, field: DescField & { fieldKind: "message" }): ReflectMessage {
  if (!parent.isSet(field)) {
    parent.set(field, reflect(field.message, create(field.message), false));
  }
  return parent.get(field);
}

function faultsOfList(field: DescField & { fieldKind: "list" }, path: string, find: Find): Placed[] {
  const rules = rulesOf(field);
  const { minItems, maxItems, unique, items } = listRules(rules);
  const listOf = (request: ReflectMessage) => find(request).get(field);
  const repeat = (request: ReflectMessage, count: number) => {
    const list = listOf(request);
    const [item] = list;
    while (list.size < count) {
      list.add(item);
    }
  };
  const faults: Placed[] = [];
  const add = (
    rule: string,
    plantIn: Placed["plantIn"],
    values: fc.Arbitrary<unknown> = fc.constant(undefined),
  ) => faults.push({ path, rule, values, plantIn });
  if (minItems > 0n) {
    add("min_items", request => listOf(request).clear());
  }
  if (maxItems > 0n) {
    const counts = fc.integer({ min: Number(maxItems) + 1, max: Number(maxItems) + 20 });
    add("max_items", (request, count) => repeat(request, count as number), counts);
  }
  if (unique) {
    add("unique", request => repeat(request, listOf(request).size + 1));
  }
  const first = `${path}[0]`;
  if (field.listKind === "message") {
    return [
      ...faults,
      ...faultsIn(field.message, first, request => listOf(request).get(0) as ReflectMessage),
    ];
  }
  const ofItems = brokenValues(field, items).map(({ rule, values }) => ({
    path: first,
    rule: `items.${rule}`,
    values,
    plantIn: (request: ReflectMessage, value: unknown) => listOf(request).set(0, value),
  }));
  return [...faults, ...ofItems];
}
