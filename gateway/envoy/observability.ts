import { type Config, typed } from "./config.ts";
import type { EnvoyOptions } from "./options.ts";

const accessLoggers = "envoy.extensions.access_loggers";

/** One line of JSON per request, without query, token or body. */
export function createAccessLog(target: string): Config[] {
  const log_format = { json_format: accessLogFields };
  if (target === "stdout") {
    return [
      typed("envoy.access_loggers.stdout", `${accessLoggers}.stream.v3.StdoutAccessLog`, { log_format }),
    ];
  }
  return [
    typed("envoy.access_loggers.file", `${accessLoggers}.file.v3.FileAccessLog`, {
      path: target,
      log_format,
    }),
  ];
}

/** The fields of a line, in the commands of Envoy. */
export const accessLogFields = {
  time: "%START_TIME%",
  method: "%REQ(:METHOD)%",
  path: "%PATH(NQ)%",
  protocol: "%PROTOCOL%",
  content_type: "%REQ(CONTENT-TYPE)%",
  status: "%RESPONSE_CODE%",
  grpc_status: "%GRPC_STATUS(SNAKE_STRING)%",
  details: "%RESPONSE_CODE_DETAILS%",
  flags: "%RESPONSE_FLAGS%",
  received_bytes: "%BYTES_RECEIVED%",
  sent_bytes: "%BYTES_SENT%",
  duration_ms: "%DURATION%",
  client_address: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
  upstream: "%UPSTREAM_HOST%",
  request_id: "%REQ(X-REQUEST-ID)%",
  trace_id: "%TRACE_ID%",
  user_id: "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:token:sub)%",
};

/** Spans over OTLP. URLs in spans have no query, because the query of a GET call is the request message. */
export function createTracing(otel: EnvoyOptions["otel"]): Config {
  if (!otel) {
    return {};
  }
  return {
    tracing: {
      random_sampling: { value: 100 },
      custom_tags: [{ tag: "http.url", value: "%PATH(NQ)%" }],
      provider: typed("envoy.tracers.opentelemetry", "envoy.config.trace.v3.OpenTelemetryConfig", {
        service_name: "gateway",
        grpc_service: { envoy_grpc: { cluster_name: "otel" }, timeout: "0.25s" },
      }),
    },
  };
}
