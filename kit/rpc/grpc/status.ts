import type { OutgoingHttpHeaders } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";
import { toCallStatus } from "#kit/contract/failure-status.ts";
import type { AnswerHeaders } from "#kit/rpc/answer-headers.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { frameEncodings } from "#kit/rpc/frames.ts";
import { uncachable } from "#kit/rpc/interceptors/restrict-caching.ts";

const head = {
  ":status": 200,
  "content-type": "application/grpc+proto",
  "grpc-accept-encoding": frameEncodings.join(),
};

/** What an answer starts with. */
export function headFieldsOf({ fields }: AnswerHeaders): OutgoingHttpHeaders {
  return { ...head, ...fields };
}

/** What a call threw as an answer that is all trailers, with its details. */
export function statusFieldsOf(
  error: unknown,
  {
    requestHeaders,
    responseHeaders,
    requestId,
  }: Pick<IncomingCall, "requestHeaders" | "requestId"> & { readonly responseHeaders: AnswerHeaders },
): { readonly code: number; readonly fields: OutgoingHttpHeaders } {
  const status = toCallStatus(error, requestHeaders, requestId);
  const fields = {
    ...headFieldsOf(responseHeaders),
    ...uncachable,
    "grpc-status": String(status.code),
    "grpc-message": encodeURI(status.message),
    "grpc-status-details-bin": Buffer.from(toBinary(StatusSchema, status)).toString("base64"),
  };
  return { code: status.code as number, fields };
}
