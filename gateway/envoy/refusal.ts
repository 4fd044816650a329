import { type JsonObject, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { anyIs, anyUnpack } from "@bufbuild/protobuf/wkt";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import { RequestInfoSchema, RetryInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "#gen/google/rpc/status_pb.ts";
import type { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { httpStatusOf, type Language, toConnectError, toStatus } from "#kit/contract/failure-status.ts";

/** A refusal of the gateway, in the shape of each protocol. */
export interface Refusal {
  /** The gRPC status code. */
  code: number;
  /** The HTTP status of a call by Connect. */
  httpStatus: number;
  /** The message of the status, in English. */
  message: string;
  /** When a retry makes sense, where it can help: the header `retry-after`. */
  retryAfterSeconds: number | undefined;
  /** google.rpc.Status as base64 without padding: the trailer `grpc-status-details-bin`. */
  statusDetails: string;
  /** The body of a refused unary Connect call, with the placeholders below. */
  connectError: string;
  /** The body of a refused Connect stream: one end-of-stream message. */
  connectEndOfStream: Uint8Array;
  /** The body of a refused gRPC-Web call: one frame of trailers. */
  grpcWebTrailers: Uint8Array;
}

/** Where the body of a unary Connect call gets the ids of the request, and google.rpc.RequestInfo as base64. */
export const placeholders = {
  requestId: "{request-id}",
  traceId: "{trace-id}",
  requestInfo: "{request-info}",
};

/** The refusal for a reason, as the services send it. */
export function createRefusal(reason: Reason, language: Language): Refusal {
  const status = toStatus(new Failure(reason), { language, requestId: "" });
  // Envoy can insert the ids of a request only into text: RequestInfo exists in JSON alone.
  status.details = status.details.filter(detail => !anyIs(detail, RequestInfoSchema));
  const [retry] = status.details.flatMap(detail => anyUnpack(detail, RetryInfoSchema)?.retryDelay ?? []);
  const error = errorToJson(toConnectError(status), undefined);
  const details = [...(error.details as JsonObject[]), requestInfo];
  const statusDetails = base64Encode(toBinary(StatusSchema, status), "std_raw");
  return {
    code: status.code,
    httpStatus: httpStatusOf(reason),
    message: status.message,
    retryAfterSeconds: retry && Number(retry.seconds),
    statusDetails,
    connectError: JSON.stringify({ ...error, details }),
    connectEndOfStream: frame(0b10, JSON.stringify({ error })),
    grpcWebTrailers: frame(0b1000_0000, grpcTrailers(status, statusDetails)),
  };
}

const requestInfo = {
  type: RequestInfoSchema.typeName,
  debug: { requestId: placeholders.requestId, servingData: placeholders.traceId },
  value: placeholders.requestInfo,
};

function grpcTrailers(status: Status, statusDetails: string): string {
  const message = status.message.replace(/[^ -$&-~]/gu, encodeURIComponent);
  return `grpc-status: ${status.code}\r\ngrpc-message: ${message}\r\ngrpc-status-details-bin: ${statusDetails}\r\n`;
}

function frame(flags: number, text: string): Uint8Array {
  const body = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}
