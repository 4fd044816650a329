import { create, createRegistry, fromBinary } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { trace } from "@opentelemetry/api";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "#gen/google/rpc/status_pb.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { RequestHeaders } from "#kit/contract/context.ts";
import { Failure, reasonName, reasonNamed, refusalOf } from "#kit/contract/failure.ts";

/** The domain of every ErrorInfo. */
const errorDomain = "questioncloud";

// What HTTP has a status of its own for; Connect would make it 501, a fault of the server.
const httpStatuses: Partial<Record<Reason, number>> = {
  [Reason.METHOD_NOT_FOUND]: 404,
  [Reason.HTTP_METHOD_NOT_ALLOWED]: 405,
  [Reason.UNSUPPORTED_MEDIA_TYPE]: 415,
};

/** The HTTP status of a call by Connect that is refused for a reason. */
export function httpStatusOf(reason: Reason): number {
  return httpStatuses[reason] ?? codeToHttpStatus(refusalOf(reason).code as number);
}

/** The languages of texts for people. */
export type Language = "ko" | "en";

/**
 * The language of a person: the one of the two we speak that Accept-Language weighs most, the first of equals, and
 * Korean where it names neither.
 */
export function languageOf(acceptLanguage: string | null | undefined): Language {
  let language: Language = "ko";
  let most = 0;
  for (const range of (acceptLanguage ?? "").toLowerCase().split(",")) {
    const [, tag, q = "1"] = /^\s*(ko|en|\*)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([\d.]+))?\s*$/.exec(range) ?? [];
    if (tag !== undefined && Number(q) > most) {
      language = tag === "en" ? "en" : "ko";
      most = Number(q);
    }
  }
  return language;
}

/**
 * A failure as google.rpc.Status, with ErrorInfo, LocalizedMessage, RequestInfo and, where they help, RetryInfo and
 * BadRequest. RequestInfo carries the ids by which the call's log line and trace are found.
 */
export function toStatus(
  failure: Failure,
  { language, requestId }: { language: Language; requestId: string },
): Status {
  const { code, ko, en, retryable } = refusalOf(failure.reason);
  const reason = reasonName(failure.reason);
  const details: Any[] = [
    anyPack(
      ErrorInfoSchema,
      create(ErrorInfoSchema, { reason, domain: errorDomain, metadata: { ...failure.metadata } }),
    ),
    anyPack(
      LocalizedMessageSchema,
      create(
        LocalizedMessageSchema,
        language === "en" ? { locale: "en-US", message: en } : { locale: "ko-KR", message: ko },
      ),
    ),
  ];
  const servingData = trace.getActiveSpan()?.spanContext().traceId ?? "";
  details.push(anyPack(RequestInfoSchema, create(RequestInfoSchema, { requestId, servingData })));
  if (failure.retryAfterMs !== undefined || retryable) {
    const retryDelay = durationFromMs(failure.retryAfterMs ?? 1000);
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  if (failure.violations.length > 0) {
    const fieldViolations = failure.violations.map(violation => ({ ...violation }));
    details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  return create(StatusSchema, { code, message: en, details });
}

/** What a call threw as google.rpc.Status, in the language of its caller. Anything but a Failure is a fault of ours. */
export function toCallStatus(error: unknown, headers: RequestHeaders, requestId: string): Status {
  const failure = error instanceof Failure ? error : new Failure(Reason.INTERNAL_SERVER_ERROR);
  return toStatus(failure, { language: languageOf(headers.get("accept-language")), requestId });
}

const detailTypes = createRegistry(
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RequestInfoSchema,
  RetryInfoSchema,
  BadRequestSchema,
);

/** A status as Connect sends it, with its details, which JSON shows readably as `debug`. */
export function toConnectError({ code, message, details }: Status): ConnectError {
  const error = new ConnectError(message, code as Code);
  error.details = details.flatMap(detail => {
    const value = anyUnpack(detail, detailTypes);
    const desc = value && detailTypes.getMessage(value.$typeName);
    return value === undefined || desc === undefined ? [] : [{ desc, value }];
  });
  return error;
}

/** The failure behind a google.rpc.Status that another service sent; undefined where it carries none of our reasons. */
export function fromStatus(bytes: Uint8Array): Failure | undefined {
  const status = fromBinary(StatusSchema, bytes);
  let retryAfterMs: number | undefined;
  let info: { reason: Reason; metadata: Record<string, string> } | undefined;
  for (const detail of status.details) {
    const errorInfo = anyUnpack(detail, ErrorInfoSchema);
    const reason = errorInfo?.domain === errorDomain ? reasonNamed(errorInfo.reason) : undefined;
    if (errorInfo !== undefined && reason !== undefined) {
      info = { reason, metadata: errorInfo.metadata };
    }
    const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay;
    if (delay !== undefined) {
      retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1_000_000;
    }
  }
  if (info === undefined) {
    return undefined;
  }
  return new Failure(info.reason, {
    metadata: info.metadata,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
