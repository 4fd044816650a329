import { create, fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import {
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "#gen/google/rpc/status_pb.ts";

/** The parts of Envoy's configuration that tests read. */
export interface Bootstrap {
  static_resources: {
    listeners: [{ filter_chains: [{ filters: [{ typed_config: ConnectionManager }] }] }];
  };
}

interface ConnectionManager {
  use_remote_address: boolean;
  access_log: unknown;
  http_filters: { name: string; disabled?: boolean }[];
  early_header_mutation_extensions: [{ typed_config: { mutations: HeaderMutation[] } }];
  local_reply_config: { mappers: Mapper[] };
  route_config: { virtual_hosts: [{ routes: EnvoyRoute[] }] };
}

interface HeaderMutation {
  remove?: string;
  remove_on_match?: { key_matcher: { prefix: string } };
}

interface StringMatch {
  prefix?: string;
  safe_regex?: { regex: string };
}

export interface EnvoyRoute {
  match: {
    path?: string;
    prefix?: string;
    safe_regex?: { regex: string };
    headers?: { name: string; present_match?: boolean; string_match?: StringMatch }[];
  };
  route?: { cluster: string; timeout: string };
  direct_response?: { status: number };
  metadata?: { filter_metadata: { gateway: { rate: string } } };
  typed_per_filter_config?: Record<string, { requirement_name?: string }>;
}

interface Filter {
  and_filter?: { filters: Filter[] };
  status_code_filter?: { comparison: { op: "EQ" | "GE"; value: { default_value: number } } };
  header_filter?: { header: { string_match: StringMatch } };
  extension_filter?: { typed_config: { expression: string } };
}

interface Mapper {
  filter: Filter;
  status_code?: number;
  body?: { inline_string: string };
  headers_to_add: { header: { key: string; value: string } }[];
  body_format_override?: { text_format_source: { inline_bytes: string }; content_type: string };
}

interface Refused {
  status: number;
  contentType: string | undefined;
  /** The response code details in Envoy's log. */
  details: string;
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
  const text = /contains\('(.+)'\)/.exec(filter.extension_filter?.typed_config.expression ?? "")?.[1];
  return text !== undefined && refused.details.includes(text);
}

function readStatus(mapper: Mapper, headers: Record<string, string>): Status {
  const format = mapper.body_format_override;
  if (!format) {
    return readTrailers(headers, mapper.body?.inline_string);
  }
  const source = Buffer.from(format.text_format_source.inline_bytes, "base64").toString("latin1");
  const body = Buffer.from(runCommands(source), "latin1");
  switch (format.content_type) {
    case "application/json":
      return readConnectError(JSON.parse(body.toString()));
    case "application/connect+json":
    case "application/connect+proto":
      return readConnectError(JSON.parse(readFrame(body, 0b10)).error);
    case "application/grpc-web-text+proto":
      return readTrailers(readGrpcWebTrailers(Buffer.from(body.toString(), "base64")));
    default:
      return readTrailers(readGrpcWebTrailers(body));
  }
}

/** The ids of every request in these tests. */
export const requestIds: Readonly<Record<string, string>> = {
  "%REQ(X-REQUEST-ID)%": "2c1f0f5e-0d7b-4b6e-9d0a-7f4f1a0c9b11",
  "%TRACE_ID%": "0af7651916cd43dd8448eb211c80319c",
};

/** What Envoy makes of a format string. */
function runCommands(format: string): string {
  return format.replace(/%%|%[A-Z][^%]*%/g, command => {
    const value = command === "%%" ? "%" : requestIds[command];
    if (value === undefined) {
      throw new Error(`${command} is not expected in a refusal.`);
    }
    return value;
  });
}

function readGrpcWebTrailers(frame: Buffer): Record<string, string> {
  const lines = readFrame(frame, 0x80).trimEnd().split("\r\n");
  return Object.fromEntries(lines.map(line => line.split(": ") as [string, string]));
}

/** The text of a body that is one frame. */
function readFrame(bytes: Buffer, flags: number): string {
  if (bytes[0] !== flags || bytes.readUInt32BE(1) !== bytes.length - 5) {
    throw new Error("The frame is malformed.");
  }
  return bytes.subarray(5).toString();
}

function readTrailers(headers: Record<string, string>, text = headers["grpc-message"]): Status {
  const status = fromBinary(StatusSchema, base64Decode(headers["grpc-status-details-bin"] ?? ""));
  if (String(status.code) !== headers["grpc-status"] || status.message !== text) {
    throw new Error("The trailers contradict their details.");
  }
  return status;
}

interface ConnectErrorBody {
  code: string;
  message: string;
  details: { type: string; value: string; debug?: { requestId: string; servingData: string } }[];
}

function readConnectError({ code, message, details }: ConnectErrorBody): Status {
  const value = codeFromString(code) ?? Code.Unknown;
  const packed = details.map(({ type, value: bytes, debug }) =>
    // Envoy can insert ids only into text, so RequestInfo has them in its JSON form.
    type === RequestInfoSchema.typeName
      ? anyPack(RequestInfoSchema, create(RequestInfoSchema, { ...debug }))
      : {
          $typeName: "google.protobuf.Any" as const,
          typeUrl: `type.googleapis.com/${type}`,
          value: base64Decode(bytes),
        },
  );
  return { $typeName: "google.rpc.Status", code: value, message, details: packed };
}
