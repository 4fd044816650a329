import type { ServerResponse } from "node:http";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import { toCallStatus } from "#kit/contract/failure-status.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { endCallSpan, inCallSpan } from "#kit/rpc/call-spans.ts";
import {
  type CallsOptions,
  createEndpoints,
  type Endpoint,
  outsidePipeline,
  unknownMethod,
} from "#kit/rpc/endpoints.ts";
import { type HttpCall, send } from "#kit/rpc/http/call.ts";
import { checkHead } from "#kit/rpc/http/heads.ts";
import { decodeFrom, encodeFor } from "#kit/rpc/http/messages.ts";
import { refusalAnswer } from "#kit/rpc/http/refusals.ts";
import type { ReadableBody } from "#kit/rpc/read-body.ts";

/** Serves one call. */
type ServeHttpCall = (call: HttpCall, body: ReadableBody, response: ServerResponse) => Promise<void>;

/** Serves calls by Connect JSON and binary, Connect GET, gRPC-Web and gRPC-Web text. */
export function createHttpCalls(options: CallsOptions): ServeHttpCall {
  const endpoints = createEndpoints(options);
  return (call, body, response) => {
    const endpoint = endpoints.get(call.path);
    const method = endpoint?.name ?? unknownMethod;
    return inCallSpan(method, call, async span => {
      let status = "OK";
      try {
        const served = outsidePipeline(method, call, () => requireServed(endpoint, call), options);
        const decode = () => decodeFrom(call, served.format, body);
        const answer = await served.pipeline({ ...call, deadlineMs: served.deadlineMs, decode });
        const encoded = outsidePipeline(method, call, () => encodeFor(call, served.format, answer), options);
        send(response, call, encoded);
      } catch (error) {
        const { code } = toCallStatus(error, call.requestHeaders, call.requestId);
        status = statusName(code);
        send(response, call, refusalAnswer(error, call));
      } finally {
        endCallSpan(span, status);
      }
    });
  };
}

function requireServed(endpoint: Endpoint | undefined, call: HttpCall) {
  if (endpoint === undefined) {
    throw new Failure(Reason.METHOD_NOT_FOUND);
  }
  const { deadlineMs, format } = checkHead(call, endpoint);
  return { pipeline: endpoint.pipeline, deadlineMs, format };
}
