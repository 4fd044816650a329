import type { OutgoingHttpHeaders } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";
import { toCallStatus } from "#kit/contract/failure-status.ts";
import type { IncomingCall } from "#kit/rpc/call.ts";
import { frameEncodings } from "#kit/rpc/frames.ts";
import { uncachable } from "#kit/rpc/interceptors/restrict-caching.ts";

const head = { ":status": 200, "content-type": "application/grpc+proto" } as const;
const acceptedEncodings = frameEncodings.join();

/** The headers of an answer. */
export function headFieldsOf(responseHeaders: Headers): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = { ...head, "grpc-accept-encoding": acceptedEncodings };
  for (const [name, value] of responseHeaders) {
    addField(fields, name, value);
  }
  return fields;
}

// Cookies are the one header that has several values.
function addField(fields: OutgoingHttpHeaders, name: string, value: string): void {
  const present = fields[name];
  fields[name] = present === undefined ? value : [present as string, value].flat();
}

/** What a call threw as an answer that is all trailers, with its details. */
export function statusFieldsOf(
  error: unknown,
  {
    requestHeaders,
    responseHeaders,
    requestId,
  }: Pick<IncomingCall, "requestHeaders" | "responseHeaders" | "requestId">,
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
