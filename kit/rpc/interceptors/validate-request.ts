import type { DescMethodUnary } from "@bufbuild/protobuf";
import { validate } from "#kit/contract/validation.ts";
import { type Check, requestOf } from "#kit/rpc/call.ts";

/** Checks the request against the rules of its contract. */
export function validateRequest(method: DescMethodUnary): Check {
  return call => {
    validate(method.input, requestOf(call));
    return undefined;
  };
}
