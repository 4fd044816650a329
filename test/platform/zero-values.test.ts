import { clone, create, type DescMessage, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { expect } from "chai";
import fc from "fast-check";
import { protoServices } from "#kit/contract/contracts.ts";
import { Failure } from "#kit/contract/failure.ts";
import { validate, validator } from "#kit/contract/validation.ts";
import { faultsOf } from "../support/input/faults.ts";
import { validMessage } from "../support/input/messages.ts";
import { runs } from "../support/input/runs.ts";

const requests = protoServices
  .flatMap(service => service.methods as DescMethodUnary[])
  .map(({ input }) => input);

describe("the rules of a contract, without those that a zero value keeps", () => {
  for (const schema of new Set(requests)) {
    it(`refuse the same of ${schema.typeName}, for the same reasons`, () => {
      expect(refusedOf(schema, create(schema))).to.deep.equal(refusedByAll(schema, create(schema)));
      for (const { plant, values } of faultsOf(schema)) {
        fc.assert(
          fc.property(validMessage(schema, { full: true }), values, (message, value) => {
            const broken = clone(schema, message);
            plant(broken, value);
            // Some faults are none before a request is normalized, such as wide blanks in a password.
            expect(refusedOf(schema, broken)).to.deep.equal(refusedByAll(schema, broken));
          }),
          runs(2),
        );
      }
    });
  }
});

type Refused = readonly { readonly field: string; readonly description: string }[];

function refusedOf(schema: DescMessage, message: Message): Refused {
  try {
    validate(schema, message);
    return [];
  } catch (error) {
    if (error instanceof Failure) {
      return error.violations;
    }
    throw error;
  }
}

function refusedByAll(schema: DescMessage, message: Message): Refused {
  return (validator.validate(schema, message).violations ?? []).map(violation => ({
    field: pathToString(violation.field),
    description: violation.message,
  }));
}
