import { fromBinary } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { ServiceError } from "@grpc/grpc-js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "#gen/google/rpc/status_pb.ts";

/** A refusal as its caller sees it, in one shape for every kind of client. */
export interface Refusal {
  readonly code: string;
  readonly text: string;
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly locale: string | undefined;
  readonly localizedText: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** The request id in google.rpc.RequestInfo. */
  readonly requestId: string | undefined;
  readonly traceId: string | undefined;
  /** The fields that break a rule. */
  readonly fields: readonly string[];
}

/** Reads an error of connect-web or connect-node. */
export function readConnectError(error: ConnectError): Refusal {
  return readStatus(error.code, error.rawMessage, anysOfConnect(error));
}

/** Reads an error of grpc-js. */
export function readServiceError(error: ServiceError): Refusal {
  return readStatus(error.code, error.details, anysOfService(error));
}

/** The details of an error of connect-web or connect-node as bytes, but RequestInfo. */
export function detailsOfConnect(error: ConnectError): string[] {
  return toText(anysOfConnect(error));
}

/** The details of an error of grpc-js as bytes, but RequestInfo. */
export function detailsOfService(error: ServiceError): string[] {
  return toText(anysOfService(error));
}

function anysOfConnect(error: ConnectError): Any[] {
  return error.details.flatMap(detail =>
    "type" in detail
      ? [
          {
            $typeName: "google.protobuf.Any" as const,
            typeUrl: `type.googleapis.com/${detail.type}`,
            value: detail.value,
          },
        ]
      : [],
  );
}

function anysOfService(error: ServiceError): Any[] {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  return bytes instanceof Uint8Array ? fromBinary(StatusSchema, bytes).details : [];
}

function toText(details: readonly Any[]): string[] {
  return details
    .filter(({ typeUrl }) => !typeUrl.endsWith(`/${RequestInfoSchema.typeName}`))
    .map(({ typeUrl, value }) => `${typeUrl} ${Buffer.from(value).toString("hex")}`);
}

/** Reads the parts of a google.rpc.Status. */
export function readStatus(code: number, text: string, details: Any[]): Refusal {
  const [info] = details.flatMap(detail => anyUnpack(detail, ErrorInfoSchema) ?? []);
  const [localized] = details.flatMap(detail => anyUnpack(detail, LocalizedMessageSchema) ?? []);
  const [retry] = details.flatMap(detail => anyUnpack(detail, RetryInfoSchema) ?? []);
  const [bad] = details.flatMap(detail => anyUnpack(detail, BadRequestSchema) ?? []);
  const [request] = details.flatMap(detail => anyUnpack(detail, RequestInfoSchema) ?? []);
  const delay = retry?.retryDelay;
  return {
    code: Code[code] ?? String(code),
    text,
    reason: info?.reason,
    domain: info?.domain,
    metadata: info?.metadata ?? {},
    locale: localized?.locale,
    localizedText: localized?.message,
    retryAfterMs: delay && Number(delay.seconds) * 1000 + delay.nanos / 1_000_000,
    requestId: request?.requestId,
    traceId: request?.servingData,
    fields: bad?.fieldViolations.map(violation => violation.field) ?? [],
  };
}
