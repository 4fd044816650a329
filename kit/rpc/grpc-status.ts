import { toBinary } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";
import { toCallStatus } from "#kit/contract/failure-status.ts";
import { requestIdHeader } from "#kit/rpc/request-headers.ts";

/** What a call threw as grpc-js sends it, with its details. */
export function grpcStatusOf(error: unknown, requestHeaders: Headers, responseHeaders: Headers) {
  const status = toCallStatus(error, requestHeaders, responseHeaders.get(requestIdHeader) ?? "");
  const metadata = metadataOf(responseHeaders);
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  return { code: status.code as number, details: status.message, metadata };
}

/** Headers as metadata. */
export function metadataOf(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    metadata.add(name, value);
  }
  return metadata;
}
