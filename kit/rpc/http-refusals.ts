import type { IncomingMessage, ServerResponse } from "node:http";
import { type Code, ConnectError } from "@connectrpc/connect";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { languageOf, toStatus } from "#kit/contract/failure-status.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { inCallSpan, setCallStatus } from "#kit/rpc/call-spans.ts";
import { type RecordOptions, recordOutcome } from "#kit/rpc/interceptors/record-call.ts";
import { requestIdHeader, requestIdOf } from "#kit/rpc/request-headers.ts";

/** A refusal as Connect sends it, with its details. */
export function toConnectError(error: unknown, headers: Headers, requestId: string): ConnectError {
  const failure = error instanceof Failure ? error : new Failure(Reason.INTERNAL_SERVER_ERROR);
  const status = toStatus(failure, { language: languageOf(headers.get("accept-language")), requestId });
  const connectError = new ConnectError(status.message, status.code as Code);
  connectError.details = status.details.map(detail => ({
    type: detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1),
    value: detail.value,
  }));
  return connectError;
}

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
    const language = languageOf(requestHeaders.get("accept-language"));
    const { code, message, details } = toStatus(failure, { language, requestId });
    response.writeHead(404, { "content-type": "application/json", [requestIdHeader]: requestId });
    const wireDetails = details.map(detail => ({
      type: detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1),
      value: Buffer.from(detail.value).toString("base64").replace(/=+$/, ""),
    }));
    response.end(JSON.stringify({ code: "unimplemented", message, details: wireDetails }));
    setCallStatus(span, statusName(code));
    recordOutcome(unknownMethod, { ...call, caller: { kind: "anonymous" } }, failure, 0, options);
  });
}

/** The headers of a request that did not come through Connect. */
export function headersOf({ headers }: IncomingMessage): Headers {
  return new Headers(headers as Record<string, string>);
}
