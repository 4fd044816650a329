import { durationMs } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";

/** A failed call in lines for people. */
export function describeRefusal(error: ConnectError): string {
  const [info] = error.findDetails(ErrorInfoSchema);
  const [request] = error.findDetails(RequestInfoSchema);
  const [retry] = error.findDetails(RetryInfoSchema);
  const [invalid] = error.findDetails(BadRequestSchema);
  const code = codeToString(error.code);
  const facts = [
    ...Object.entries(info?.metadata ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(invalid?.fieldViolations ?? []).map(({ field, description }) => `${field}: ${description}`),
    ...(retry?.retryDelay ? [`another attempt makes sense after ${durationMs(retry.retryDelay)} ms`] : []),
    ...(request ? [`request id ${request.requestId}`] : []),
  ];
  const title = info === undefined ? `failed: ${code}` : `refused: ${info.reason} (${code})`;
  return [`${title}: ${error.rawMessage}`, ...facts.map(fact => `  ${fact}`)].join("\n");
}
