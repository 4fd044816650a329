/** A piece of Envoy's configuration, as JSON. */
export type Config = { [key: string]: unknown };

/** An extension by the name of its message. */
export function typed(name: string, type: string, config: Config = {}): Config {
  return { name, typed_config: typedConfig(type, config) };
}

/** A message that Envoy takes in an Any. */
export function typedConfig(type: string, config: Config = {}): Config {
  return { "@type": `type.googleapis.com/${type}`, ...config };
}

/** A duration as Envoy reads it. */
export function seconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

/** Matches the content types that gRPC clients send; gRPC-Web is no gRPC. */
export const grpcContentType: Config = {
  name: "content-type",
  string_match: { safe_regex: { regex: "application/grpc([+;].*)?" } },
};
