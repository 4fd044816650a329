import {
  create,
  createRegistry,
  type DescField,
  type DescMethodUnary,
  fromBinary,
  fromJson,
  getOption,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { field as fieldRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { expect } from "chai";
import fc from "fast-check";
import { GetPurchaseRequestSchema } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { contracts, protoServices } from "#kit/contract/contracts.ts";
import { normalizeText } from "#kit/contract/text.ts";
import type { Call } from "#kit/rpc/call.ts";
import { normalizeRequest } from "#kit/rpc/interceptors/normalize-request.ts";
import { SampleSchema } from "../support/text/sample.ts";

const registry = createRegistry(...contracts.files, SampleSchema);
const read = (json: JsonValue): Message => fromJson(SampleSchema, json, { registry });
const write = (message: Message) => toJson(SampleSchema, message, { registry });
const bytesOf = (message: Message) => Buffer.from(toBinary(SampleSchema, message)).toString("hex");

describe("the text of a request", () => {
  it("is normalized wherever it is, once and for all, and nothing else changes", () => {
    fc.assert(
      fc.property(sample(1), json => {
        const message = read(json);
        message.$unknown = [{ no: 4000, wireType: 2, data: Uint8Array.of(3, 0x41, 0xcc, 0x81) }];
        normalizeText(SampleSchema, message);
        expect(write(message)).to.deep.equal(write(read(normal(json))));
        expect(message.$unknown).to.deep.equal([
          { no: 4000, wireType: 2, data: Uint8Array.of(3, 0x41, 0xcc, 0x81) },
        ]);
        const once = bytesOf(message);
        normalizeText(SampleSchema, message);
        expect(bytesOf(message)).to.equal(once);
      }),
      { numRuns: 50 },
    );
  });

  it("is refused where two keys of a map are the same text", () => {
    const labels = { "\u00e9": "composed", "e\u0301": "decomposed" };
    expect(() => normalizeText(SampleSchema, read({ labels }))).to.throw("BAD_REQUEST");
  });

  it("stays as it is in an unknown message, and must be readable in a known one", () => {
    const withAny = (typeName: string) => {
      const any = { $typeName: "google.protobuf.Any", typeUrl: `/${typeName}`, value: Uint8Array.of(0xff) };
      return Object.assign(read({}), { any });
    };
    const unknown = withAny("sample.Unknown");
    normalizeText(SampleSchema, unknown);
    expect(unknown).to.deep.equal(withAny("sample.Unknown"));
    const broken = withAny(GetPurchaseRequestSchema.typeName);
    expect(() => normalizeText(SampleSchema, broken)).to.throw("BAD_REQUEST");
  });
});

describe("a request with a UUID in capitals", () => {
  for (const [method, field] of uuidFields()) {
    it(`is the same request by its ${field.name} to ${method.parent.name}.${method.name}`, async () => {
      const { input } = method;
      const uuid = crypto.randomUUID();
      const requestWith = (value: string) => {
        const request = create(input);
        reflect(input, request).set(field, value);
        return request;
      };
      const sent = requestWith(uuid.toUpperCase());
      const bytes = toBinary(input, sent);
      const json = toJson(input, sent);
      for (const decode of [() => fromBinary(input, bytes), () => fromJson(input, json)]) {
        expect(await requestSeen(method, decode)).to.deep.equal(requestWith(uuid));
      }
    });
  }
});

function uuidFields(): (readonly [DescMethodUnary, DescField])[] {
  const methods = protoServices.flatMap(service => service.methods) as DescMethodUnary[];
  return methods.flatMap(method => method.input.fields.filter(isUuid).map(field => [method, field] as const));
}

function isUuid(field: DescField): boolean {
  const { type } = getOption(field, fieldRules);
  return type.case === "string" && type.value.wellKnown.case === "uuid";
}

/** The request as the next check sees it. */
async function requestSeen(method: DescMethodUnary, decode: () => Message): Promise<Message | undefined> {
  const call = { decode: async () => decode() } as Call;
  await normalizeRequest(method)(call);
  return call.request;
}

const text = fc
  .tuple(fc.string({ unit: "grapheme" }), fc.constantFrom("한글", "é", "ＡＢｃ", "ﬁ", ""))
  .map(([some, special]) => some + special);
const anyForm = fc
  .tuple(text, fc.constantFrom("NFC", "NFD", "NFKD"))
  .map(([some, form]) => some.normalize(form));
const uuid = fc.uuid().chain(id => fc.constantFrom(id, id.toUpperCase()));
// Different in every form.
const key = fc.constantFrom("a", "b\u0301", "\u1112\u1161\u11ab", "ü");

/** Any message of the sample, as JSON. */
function sample(depth: number): fc.Arbitrary<{ [key: string]: JsonValue }> {
  const child = depth === 0 ? fc.constant({}) : fc.memo(() => sample(depth - 1))(1);
  const choice = fc.oneof(
    fc.record({ chosenId: uuid }),
    fc.record({ chosen: child }),
    fc.record({ chosenText: anyForm }),
    fc.constant({}),
  );
  const requestId = uuid.map(id => ({ "@type": `/${GetPurchaseRequestSchema.typeName}`, requestId: id }));
  const rest = fc.record(
    {
      ...{ id: uuid, email: anyForm, password: anyForm, code: anyForm, line: anyForm, plain: anyForm },
      ...{ ids: fc.array(uuid), lines: fc.array(anyForm), texts: fc.array(anyForm), wrappedId: uuid },
      labels: fc.dictionary(key, anyForm),
      children: fc.dictionary(key, child),
      object: fc.dictionary(
        key,
        fc.oneof(anyForm, fc.array(anyForm), fc.dictionary(key, anyForm), fc.integer()),
      ),
      any: requestId,
      child,
      list: fc.array(child, { maxLength: 2 }),
      number: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
      bytes: fc.uint8Array().map(bytes => Buffer.from(bytes).toString("base64")),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(rest, choice).map(([fields, chosen]) => ({ ...fields, ...chosen }));
}

const lower = (some: string) => some.toLowerCase();
const forms: Readonly<Record<string, (some: string) => string>> = {
  ...{ id: lower, ids: lower, chosenId: lower, wrappedId: lower, requestId: lower },
  email: some => some.normalize("NFKC").toLowerCase().normalize("NFKC"),
  password: some => some.normalize("NFKC"),
  code: some => some.normalize("NFKC").toUpperCase().normalize("NFKC"),
};

/** What the sample should become: the form of a string follows from the name that it is under. */
function normal(value: JsonValue, form = (some: string) => some.normalize("NFC")): JsonValue {
  if (typeof value === "string") {
    return form(value);
  }
  if (Array.isArray(value)) {
    return value.map(item => normal(item, form));
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name.normalize("NFC"), normal(item, forms[name])]),
      )
    : value;
}
