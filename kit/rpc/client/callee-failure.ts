import { status as grpcStatus } from "@grpc/grpc-js";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { fromStatus } from "#kit/contract/failure-status.ts";
import { CallError } from "#kit/rpc/client/unary-call.ts";

const reasons: Partial<Record<grpcStatus, Reason>> = {
  [grpcStatus.UNAVAILABLE]: Reason.SERVICE_UNAVAILABLE,
  [grpcStatus.DEADLINE_EXCEEDED]: Reason.DEADLINE_EXCEEDED,
  // A service that crashes or drains during a call ends it as canceled.
  [grpcStatus.CANCELLED]: Reason.SERVICE_UNAVAILABLE,
  [grpcStatus.RESOURCE_EXHAUSTED]: Reason.REQUEST_TOO_LARGE,
};

// A callee that refuses our request, or that we may call it, is our fault, not an answer for our caller.
const ourFaults: ReadonlySet<Reason> = new Set([
  Reason.FORBIDDEN,
  Reason.BAD_REQUEST,
  Reason.METHOD_NOT_FOUND,
  Reason.UNSUPPORTED_MEDIA_TYPE,
  Reason.HTTP_METHOD_NOT_ALLOWED,
]);

/** What an outgoing call failed with, for its caller. */
export function calleeFailure(error: unknown): Failure {
  if (!(error instanceof CallError)) {
    return new Failure(Reason.INTERNAL_SERVER_ERROR, { cause: error });
  }
  const [details] = error.metadata.get("grpc-status-details-bin");
  const known = details instanceof Uint8Array ? fromStatus(details) : undefined;
  // Clocks that are far apart, or a key that has not arrived: it passes, and this attempt did nothing.
  if (known?.reason === Reason.UNAUTHORIZED_TOKEN) {
    return new Failure(Reason.SERVICE_UNAVAILABLE, { cause: error });
  }
  if (known !== undefined) {
    return ourFaults.has(known.reason) ? new Failure(Reason.INTERNAL_SERVER_ERROR, { cause: error }) : known;
  }
  return new Failure(reasons[error.code] ?? Reason.INTERNAL_SERVER_ERROR, { cause: error });
}
