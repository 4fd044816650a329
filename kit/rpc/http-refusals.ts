import type { IncomingMessage, ServerResponse } from "node:http";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { toCallStatus, toConnectError } from "#kit/contract/failure-status.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { inCallSpan, setCallStatus } from "#kit/rpc/call-spans.ts";
import { type RecordOptions, recordOutcome } from "#kit/rpc/interceptors/record-call.ts";
import { requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/** The name of an unknown method in the semantic conventions. */
const unknownMethod = "_OTHER";

/** Answers, logs and counts a call of a method that is not served here. */
export function answerUnknown(
  request: IncomingMessage,
  response: ServerResponse,
  options: RecordOptions,
): Promise<void> {
  const requestHeaders = headersOf(request);
  const requestId = requestIdOf(requestHeaders);
  const call = { method: unknownMethod, protocol: "http", requestId, requestHeaders };
  return inCallSpan(call, async span => {
    const failure = new Failure(Reason.METHOD_NOT_FOUND);
    const status = toCallStatus(failure, requestHeaders, requestId);
    response.writeHead(404, { "content-type": "application/json", [requestIdHeader]: requestId });
    response.end(JSON.stringify(errorToJson(toConnectError(status), undefined)));
    setCallStatus(span, statusName(status.code));
    recordOutcome(unknownMethod, { ...call, caller: { kind: "anonymous" } }, failure, 0, options);
  });
}

/** The headers of a request that did not come through Connect. */
export function headersOf({ headers }: IncomingMessage): Headers {
  return new Headers(headers as Record<string, string>);
}
