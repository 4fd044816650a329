import { type DescMethodUnary, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { frame } from "../rpc/malformed/call.ts";
import { validMessage } from "./messages.ts";

/** A format in which bodies are sent, and how a message becomes one. */
interface Format {
  readonly type: string;
  readonly of: (message: Uint8Array) => Uint8Array;
}

const asIs = (message: Uint8Array) => message;
const inFrame = (message: Uint8Array) => frame(message);

const jsonFormats: readonly Format[] = [
  { type: "application/json", of: asIs },
  { type: "application/grpc-web+json", of: inFrame },
];

const binaryFormats: readonly Format[] = [
  { type: "application/proto", of: asIs },
  { type: "application/grpc", of: inFrame },
  { type: "application/grpc-web+proto", of: inFrame },
  { type: "application/grpc-web-text", of: message => Buffer.from(inFrame(message).toString("base64")) },
];

/** A body that no client would send, in one of the formats. */
interface Body {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Bodies for a method: garbage, and requests that were tampered with. */
export function randomBodies(method: DescMethodUnary): fc.Arbitrary<Body> {
  const { input } = method;
  const bytes = fc.uint8Array({ maxLength: 200 });
  const request = validMessage(input, { full: true });
  const binary = fc.oneof(
    bytes,
    fc
      .tuple(request, fc.infiniteStream(fc.nat()))
      .map(([message, changes]) => changeBytes(toBinary(input, message), changes)),
  );
  const json = fc.oneof(
    fc.json(),
    nested,
    fc
      .tuple(request, strange, fc.infiniteStream(fc.nat()))
      .map(([message, value, choices]) => JSON.stringify(changeJson(toJson(input, message), value, choices))),
  );
  return fc.oneof(
    inFormat(
      jsonFormats,
      json.map(text => Buffer.from(text)),
    ),
    inFormat(binaryFormats, binary),
    fc.record({
      type: fc.constantFrom(...[...jsonFormats, ...binaryFormats].map(({ type }) => type)),
      bytes,
    }),
  );
}

function inFormat(formats: readonly Format[], messages: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Body> {
  return fc
    .tuple(fc.constantFrom(...formats), messages)
    .map(([{ type, of }, message]) => ({ type, bytes: of(message) }));
}

const nested = fc
  .tuple(
    fc.constantFrom(["[", "]"], ['{"content":', "}"], ['{"a":[', "]}"]),
    fc.integer({ min: 100, max: 20_000 }),
  )
  .map(([[open, close], depth]) => `${open.repeat(depth)}1${close.repeat(depth)}`);

// Values that are at home in no field, or in another one.
const strange: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map(value => value as JsonValue),
  fc.constantFrom<JsonValue>(
    ...[
      null,
      true,
      "",
      "-0",
      "1e400",
      "9223372036854775808",
      "-9223372036854775809",
      1e308,
      -0,
      0.5,
      2 ** 53,
      [],
    ],
    ...[
      "NaN",
      "9999-12-31T23:59:60Z",
      "0000-01-01T00:00:00Z",
      "\u0000",
      "\ud83d\ude00",
      "__proto__",
      { __proto__: null },
    ],
  ),
  fc.integer({ min: 1000, max: 600_000 }).map(length => "가".repeat(length / 3)),
);

/** Replaces, removes, repeats or adds one value anywhere in a JSON value. */
function changeJson(json: JsonValue, value: JsonValue, choices: Iterator<number>): JsonValue {
  const choose = (count: number) => Number(choices.next().value) % count;
  if (json === null || typeof json !== "object" || choose(4) === 0) {
    return value;
  }
  if (Array.isArray(json)) {
    const index = choose(json.length || 1);
    return json.toSpliced(
      index,
      1,
      changeJson(json[index] ?? null, value, choices),
      ...json.slice(0, choose(3)),
    );
  }
  const names = Object.keys(json);
  const name = names[choose(names.length || 1)];
  return name === undefined || choose(8) === 0
    ? { ...json, [["__proto__", "constructor", "unknown", ""][choose(4)] ?? ""]: value }
    : { ...json, [name]: changeJson(json[name] ?? null, value, choices) };
}

/** Overwrites, cuts off or repeats some bytes. */
function changeBytes(bytes: Uint8Array, changes: Iterator<number>): Uint8Array {
  const choose = (count: number) => Number(changes.next().value) % (count || 1);
  const changed = Buffer.from(bytes);
  for (let left = choose(4) + 1; left > 0 && changed.length > 0; left--) {
    changed[choose(changed.length)] = choose(256);
  }
  const end = choose(3) === 0 ? choose(changed.length) : changed.length;
  return choose(4) === 0 ? Buffer.concat([changed.subarray(0, end), changed]) : changed.subarray(0, end);
}
