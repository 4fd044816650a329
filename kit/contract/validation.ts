import { createRegistry, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, type Validator } from "@bufbuild/protovalidate";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { file_questioncloud_options_v1_text as textRules } from "#gen/questioncloud/options/v1/text_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { createZeroSkipper } from "#kit/contract/zero-values.ts";

/** Knows the rules of our contracts besides the standard ones. */
export const validator: Validator = createValidator({ registry: createRegistry(textRules) });

const skippingZeros = createZeroSkipper(validator);

/** Checks a message against the rules of its contract; throws BAD_REQUEST with the fields. */
export function validate<Desc extends DescMessage>(schema: Desc, message: Message): MessageShape<Desc> {
  const result = validator.validate(skippingZeros(schema), message as MessageShape<DescMessage>);
  if (result.kind === "error") {
    throw result.error;
  }
  if (result.kind === "invalid") {
    const violations = result.violations.map(violation => ({
      field: pathToString(violation.field),
      description: violation.message,
    }));
    throw new Failure(Reason.BAD_REQUEST, { violations });
  }
  return message as MessageShape<Desc>;
}
