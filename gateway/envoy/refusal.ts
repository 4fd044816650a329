import { toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { codeToHttpStatus, codeToString } from "@connectrpc/connect/protocol-connect";
import { type Status, StatusSchema } from "#gen/google/rpc/status_pb.ts";
import type { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/failure.ts";
import { toStatus } from "#kit/failure-status.ts";

/** One refusal of the gateway, in the shape of each protocol. */
export interface Refusal {
  /** Number of the status code, as gRPC sends it. */
  code: number;
  /** The HTTP status that Connect gives this code. */
  httpStatus: number;
  /** English text, the message of the status. */
  message: string;
  /** Unpadded base64 of google.rpc.Status: the trailer `grpc-status-details-bin`. */
  statusDetails: string;
  /** The body of a refused unary Connect call. */
  connectError: string;
  /** The body of a refused Connect stream: one end-of-stream message. */
  connectEndOfStream: Uint8Array;
  /** The body of a refused gRPC-Web call: one frame of trailers. */
  grpcWebTrailers: Uint8Array;
}

/** Prints the refusal for a reason as the services do. */
export function createRefusal(reason: Reason): Refusal {
  const status = toStatus(new Failure(reason), "ko");
  const error = connectError(status);
  const statusDetails = base64Encode(toBinary(StatusSchema, status), "std_raw");
  return {
    code: status.code,
    httpStatus: codeToHttpStatus(status.code),
    message: status.message,
    statusDetails,
    connectError: JSON.stringify(error),
    connectEndOfStream: frame(0b10, JSON.stringify({ error })),
    grpcWebTrailers: frame(0b1000_0000, grpcTrailers(status, statusDetails)),
  };
}

function connectError(status: Status) {
  const details = status.details.map(({ typeUrl, value }) => ({
    type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
    value: base64Encode(value, "std_raw"),
  }));
  return { code: codeToString(status.code), message: status.message, details };
}

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
