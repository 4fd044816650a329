import { create, type DescField, type DescMessage, fromJson, ScalarType } from "@bufbuild/protobuf";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "chai";
import { createRouteTable } from "#gateway/routes.ts";
import { createOpenApi } from "#gateway/site/openapi/document.ts";
import { normalizeText } from "#kit/contract/text.ts";
import { validator } from "#kit/contract/validation.ts";

type Schema = Readonly<Record<string, unknown>> & { properties: Record<string, Schema> };

const base = "https://questioncloud.example/openapi.json";
const document = createOpenApi("") as { components: { schemas: Record<string, Schema> } };
const { rpc: routes } = createRouteTable();

const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
ajv.addSchema(document, base);

describe("the OpenAPI document and the contract", () => {
  for (const message of requestMessages(routes.map(route => route.method.input))) {
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

  it("demand the same fields", () => {
    for (const message of requestMessages(routes.map(route => route.method.input))) {
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
  return ajv.validate({ $ref: pointer }, value);
}

function isAllowedByContract(message: DescMessage, field: DescField, value: unknown): boolean {
  try {
    const request = fromJson(message, { [field.jsonName]: value as string });
    normalizeText(message, request);
    const { violations = [] } = validator.validate(message, request);
    return !violations.some(each => each.field[0] === field);
  } catch {
    return false;
  }
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
