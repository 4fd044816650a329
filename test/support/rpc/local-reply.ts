import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import type { Status } from "#gen/google/rpc/status_pb.ts";
import type { Filter, Mapper } from "./envoy-config.ts";
import { readStatusFromWire } from "./status-from-wire.ts";

interface Refused {
  status: number;
  contentType: string | undefined;
  /** The response code details in Envoy's log. */
  details: string;
  /** The language of the caller, once it is known. */
  language?: "ko" | "en";
}

/** Finds the mapper that Envoy uses for a refusal of its own, and reads the answer like a client of that protocol. */
export function answerLocally(mappers: Mapper[], refused: Refused) {
  const mapper = mappers.find(({ filter }) => passes(filter, refused));
  if (!mapper) {
    throw new Error(`No mapper matches ${refused.status}.`);
  }
  const headers = Object.fromEntries(mapper.headers_to_add.map(({ header }) => [header.key, header.value]));
  const status = readStatus(mapper, headers);
  const [info] = status.details.flatMap(detail => anyUnpack(detail, ErrorInfoSchema) ?? []);
  const [localized] = status.details.flatMap(detail => anyUnpack(detail, LocalizedMessageSchema) ?? []);
  const [request] = status.details.flatMap(detail => anyUnpack(detail, RequestInfoSchema) ?? []);
  const [retry] = status.details.flatMap(detail => anyUnpack(detail, RetryInfoSchema) ?? []);
  return {
    httpStatus: mapper.status_code,
    headers,
    code: status.code,
    message: status.message,
    reason: info?.reason,
    domain: info?.domain,
    requestId: request?.requestId,
    traceId: request?.servingData,
    locale: localized?.locale,
    localized: localized?.message,
    retryAfterSeconds: retry && Number(retry.retryDelay?.seconds),
  };
}

function passes(filter: Filter, refused: Refused): boolean {
  if (filter.and_filter) {
    return filter.and_filter.filters.every(part => passes(part, refused));
  }
  if (filter.status_code_filter) {
    const { op, value } = filter.status_code_filter.comparison;
    return op === "EQ" ? refused.status === value.default_value : refused.status >= value.default_value;
  }
  if (filter.header_filter) {
    const { prefix, safe_regex } = filter.header_filter.header.string_match;
    const type = refused.contentType ?? "";
    return safe_regex ? new RegExp(`^(?:${safe_regex.regex})$`).test(type) : type.startsWith(prefix ?? "");
  }
  if (filter.metadata_filter) {
    return refused.language === filter.metadata_filter.matcher.value.string_match.exact;
  }
  const text = /contains\('(.+)'\)/.exec(filter.extension_filter?.typed_config.expression ?? "")?.[1];
  return text !== undefined && refused.details.includes(text);
}

function readStatus(mapper: Mapper, headers: Record<string, string>): Status {
  const format = mapper.body_format_override;
  if (!format) {
    const sent = new Headers({ ...headers, "grpc-message": mapper.body?.inline_string ?? "" });
    return readStatusFromWire("application/grpc", sent, Buffer.alloc(0));
  }
  const source = Buffer.from(format.text_format_source.inline_bytes, "base64").toString("latin1");
  const body = Buffer.from(runCommands(source), "latin1");
  return readStatusFromWire(format.content_type, new Headers(headers), body);
}

/** The ids of every request in these tests. */
export const requestIds = {
  requestId: "2c1f0f5e-0d7b-4b6e-9d0a-7f4f1a0c9b11",
  servingData: "0af7651916cd43dd8448eb211c80319c",
};

const commands: Readonly<Record<string, string>> = {
  "%%": "%",
  "%REQ(X-REQUEST-ID)%": requestIds.requestId,
  "%TRACE_ID%": requestIds.servingData,
  "%DYNAMIC_METADATA(gateway:request_info)%": "",
};

/** What Envoy makes of a format string. */
function runCommands(format: string): string {
  return format.replace(/%%|%[A-Z][^%]*%/g, command => {
    const value = commands[command];
    if (value === undefined) {
      throw new Error(`${command} is not expected in a refusal.`);
    }
    return value;
  });
}
