import { type Attributes, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  RPC_SYSTEM_NAME_VALUE_GRPC,
} from "@opentelemetry/semantic-conventions";
import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM_NAME,
  ATTR_RPC_GRPC_STATUS_CODE,
  ATTR_RPC_SERVICE,
} from "@opentelemetry/semantic-conventions/incubating";
import { isServerError, statusName } from "#kit/process/rpc-status.ts";

/** Attributes of our own, next to those of the semantic conventions. */
export const ATTR_EVENT_ID = "questioncloud.event.id";
export const ATTR_EVENT_SUBSCRIBER = "questioncloud.event.subscriber";
export const ATTR_EVENT_OUTCOME = "questioncloud.event.outcome";

// Only these leave the process: no value of a request, a statement or a person.
const exportedAttributes: ReadonlySet<string> = new Set([
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_EVENT_ID,
  ATTR_EVENT_OUTCOME,
  ATTR_EVENT_SUBSCRIBER,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM_NAME,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
]);

// Its spans still follow the pre-stable semantic conventions.
const grpcInstrumentation = "@opentelemetry/instrumentation-grpc";

/**
 * A span as it is exported: by the stable conventions, with the listed attributes only, and without error messages.
 */
export function toExportedSpan(span: ReadableSpan): ReadableSpan {
  const current = span.instrumentationScope.name === grpcInstrumentation ? toStableRpc(span) : span;
  return {
    name: current.name,
    status: { code: current.status.code },
    attributes: Object.fromEntries(Object.entries(current.attributes).filter(isExported)),
    events: [],
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    links: span.links,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

function isExported([name, value]: [string, Attributes[string]]): boolean {
  return exportedAttributes.has(name) && value !== undefined && !Number.isNaN(value);
}

// The instrumentation marks every refusal as a server error.
function toStableRpc({
  kind,
  attributes,
}: ReadableSpan): Pick<ReadableSpan, "name" | "status" | "attributes"> {
  const method = `${attributes[ATTR_RPC_SERVICE]}/${attributes[ATTR_RPC_METHOD]}`;
  const status = statusName(Number(attributes[ATTR_RPC_GRPC_STATUS_CODE] ?? 2));
  const failed = kind === SpanKind.SERVER ? isServerError(status) : status !== "OK";
  return {
    name: method,
    status: { code: failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: {
      ...attributes,
      [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM_NAME_VALUE_GRPC,
      [ATTR_RPC_METHOD]: method,
      [ATTR_RPC_STATUS_CODE]: status,
      ...(failed ? { [ATTR_ERROR_TYPE]: status } : {}),
    },
  };
}
