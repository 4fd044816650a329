import type { DescMethodUnary } from "@bufbuild/protobuf";
import { validate } from "#kit/contract/validation.ts";
import type { Interceptor } from "#kit/rpc/call.ts";

/** Decodes the request and checks it against the rules of its contract. */
export function validateRequest(method: DescMethodUnary): Interceptor {
  return next => call => {
    call.request = validate(method.input, call.decode());
    return next(call);
  };
}
