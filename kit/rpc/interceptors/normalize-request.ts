import type { DescMethodUnary } from "@bufbuild/protobuf";
import { normalizeText } from "#kit/contract/text.ts";
import type { Check } from "#kit/rpc/call.ts";

/** Reads the request, and makes one text of what people hold for one. */
export function normalizeRequest(method: DescMethodUnary): Check {
  return async call => {
    const request = await call.decode();
    normalizeText(method.input, request);
    call.request = request;
  };
}
