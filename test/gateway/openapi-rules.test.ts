import { create, type DescField, type DescMessage, fromJson, ScalarType } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Violation } from "@bufbuild/protovalidate";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "chai";
import { createRouteTable } from "#gateway/routes.ts";
import { createOpenApi } from "#gateway/site/openapi/document.ts";
import { reasonName } from "#kit/contract/failure.ts";
import { normalizeText } from "#kit/contract/text.ts";
import { validator } from "#kit/contract/validation.ts";
import { connectCalls } from "../support/rpc/malformed/connect.ts";

type Schema = Readonly<Record<string, unknown>> & { properties: Record<string, Schema> };

interface Described {
  readonly description?: string;
}

interface Operation {
  readonly responses: Record<string, { readonly "x-reasons"?: readonly string[] }>;
}

const base = "https://questioncloud.example/openapi.json";
const document = createOpenApi("") as {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, Record<string, Operation>>;
};
const { rpc: routes } = createRouteTable();

const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
ajv.addSchema(document, base);

describe("the OpenAPI document and the contract", () => {
  const requests = requestMessages(routes.map(route => route.method.input));

  for (const message of requests) {
    if (message.fields.length > 0) {
      it(`allow the same values in ${message.typeName}`, () => {
        for (const field of message.fields) {
          for (const value of valuesFor(field, schemaOf(message).properties[field.jsonName])) {
            const about = `${field.jsonName} = ${JSON.stringify(value)}`;
            expect(isAllowedByDocument(message, field, value), about).to.equal(
              isAllowedByContract(message, field, value),
            );
          }
        }
      });
    }
  }

  it("differ only by rules that the document has in words", () => {
    for (const message of requests) {
      for (const field of message.fields) {
        const about = `${message.typeName}.${field.name}`;
        const { description = "" } = (schemaOf(message).properties[field.jsonName] ?? {}) as Described;
        for (const value of unusualValues(field)) {
          if (isAllowedByDocument(message, field, value)) {
            const rules = findViolations(message, field, value).map(each => `Rule: ${each.message}.`);
            expect(
              rules.filter(rule => !description.includes(rule)),
              about,
            ).to.deep.equal([]);
          } else {
            expect(isAllowedByContract(message, field, value), about).to.equal(false);
          }
        }
      }
    }
  });

  it("take null for an absent field", () => {
    for (const message of requests) {
      for (const { jsonName } of message.fields) {
        expect(fromJson(message, { [jsonName]: null })).to.deep.equal(create(message));
      }
    }
  });

  it("know the same refusals of malformed calls", () => {
    for (const { title, path, verb = "POST", reason, status } of Object.values(connectCalls).flat()) {
      const item = document.paths[path.split("?", 1)[0] ?? ""]?.[verb.toLowerCase()];
      if (item !== undefined) {
        expect(item.responses[status]?.["x-reasons"] ?? [], title).to.include(reasonName(reason));
      }
    }
  });

  it("demand the same fields", () => {
    for (const message of requests) {
      const { violations = [] } = validator.validate(message, create(message));
      const demanded = message.fields.filter(field => violations.some(each => each.field[0] === field));
      expect(schemaOf(message).required ?? [], message.typeName).to.have.members(
        demanded.map(field => field.jsonName),
      );
    }
  });

  it("allow one field of a oneof, no further and no unknown fields", () => {
    const isAllowed = (request: object) =>
      ajv.validate({ $ref: `${base}#/components/schemas/questioncloud.pay.v1.GetPurchaseRequest` }, request);
    const purchaseId = crypto.randomUUID();
    const requestId = crypto.randomUUID();
    expect(isAllowed({ purchaseId })).to.equal(true);
    expect(isAllowed({ requestId })).to.equal(true);
    expect(isAllowed({ purchaseId, requestId })).to.equal(false);
    expect(isAllowed({})).to.equal(false);
    expect(isAllowed({ requestId, purchaseID: purchaseId })).to.equal(false);
  });
});

function isAllowedByDocument(message: DescMessage, { jsonName }: DescField, value: unknown): boolean {
  const pointer = `${base}#/components/schemas/${message.typeName}/properties/${jsonName}`;
  return ajv.getSchema(pointer)?.(value) as boolean;
}

function isAllowedByContract(message: DescMessage, field: DescField, value: unknown): boolean {
  try {
    return findViolations(message, field, value).length === 0;
  } catch {
    return false;
  }
}

/** The rules that a field of a request breaks; throws if the value is of another type. */
function findViolations(message: DescMessage, field: DescField, value: unknown): Violation[] {
  const request = fromJson(message, { [field.jsonName]: value as string });
  normalizeText(message, request);
  const { violations = [] } = validator.validate(message, request);
  return violations.filter(each => each.field[0] === field);
}

function schemaOf(message: DescMessage): Schema {
  return document.components.schemas[message.typeName] as Schema;
}

/** Values within the rules of a field, at their edges and beyond them. */
function valuesFor(field: DescField, schema: Schema | undefined): unknown[] {
  switch (field.fieldKind) {
    case "list": {
      if (field.listKind === "message") {
        return [];
      }
      const { minItems = 0, maxItems = 3 } = schema as { minItems?: number; maxItems?: number };
      const items = scalarValues(field, schema?.items as Schema);
      const lists = [minItems, maxItems, maxItems + 1].map(length =>
        Array.from({ length }, (_, index) => (items[0] === "1" ? String(index + 1) : items[0])),
      );
      return [...items.map(item => [item]), ...lists];
    }
    case "scalar":
    case "enum":
      return scalarValues(field, schema);
    default:
      return [];
  }
}

function scalarValues(field: DescField, schema: Schema | undefined): unknown[] {
  const rules = schema as Readonly<Record<string, number | undefined>>;
  if (field.enum) {
    return [...field.enum.values.map(({ name }) => name), "UNKNOWN"].reverse();
  }
  switch (field.scalar) {
    case ScalarType.INT32:
      return edges(rules.minimum, rules.maximum).map(Number);
    case ScalarType.INT64:
      return [...edges(rules["x-minimum"], rules["x-maximum"]).map(String), "", "1.5", "one"];
    case ScalarType.BOOL:
      return [true, false, "yes"];
    default: {
      const lengths = [0, 1, 8, ...edges(rules.minLength, rules.maxLength)].filter(length => length >= 0n);
      const letters = [..."aA1-가 😀"];
      const typical = [crypto.randomUUID(), "buyer@example.com", "https://a.example/b.png", "01012345678"];
      return [
        ...letters.flatMap(letter => lengths.map(length => letter.repeat(Number(length)))),
        ...typical,
        ...["application/pdf", "text/plain", "a b", " a"],
      ];
    }
  }
}

/** Text with invisible characters, and times around now. */
function unusualValues(field: DescField): unknown[] {
  const { scalar, message } = field;
  const isText = scalar === ScalarType.STRING;
  const hidden = [
    "\u0000",
    "\u001c",
    "\u0086",
    "\u200b",
    "\u202e",
    "\u2800",
    "\u3000",
    "\u3164",
    "\ufe0f",
    "\r",
  ];
  const days = [-400, -1, 1, 400].map(day => new Date(Date.now() + day * 86_400_000).toISOString());
  const values = isText
    ? hidden.flatMap(each => [`가나다라마바사${each}`, `${each}abcdefgh`, `ABC${each}DEFGH`, each])
    : message?.typeName === TimestampSchema.typeName
      ? days
      : [];
  return field.fieldKind === "list" ? values.map(value => [value]) : values;
}

/** The numbers around both ends of a range, and some in between. */
function edges(least: number | undefined, greatest: number | undefined): bigint[] {
  const ends = [least, greatest].filter(end => end !== undefined).map(BigInt);
  return [1n, 0n, -1n, ...ends.flatMap(end => [end - 1n, end, end + 1n, end / 2n])];
}

/** These messages and those in their fields, but for well-known ones. */
function requestMessages(messages: readonly DescMessage[], found = new Set<DescMessage>()): Set<DescMessage> {
  for (const message of messages.filter(each => !found.has(each) && !each.typeName.startsWith("google."))) {
    found.add(message);
    requestMessages(
      message.fields.flatMap(field => field.message ?? []),
      found,
    );
  }
  return found;
}
