/** A part of Envoy's configuration, as JSON. */
export type Config = { [key: string]: unknown };

/** An extension, with the type of its configuration message. */
export function typed(name: string, type: string, config: Config = {}): Config {
  return { name, typed_config: typedConfig(type, config) };
}

/** A configuration message packed into an Any. */
export function typedConfig(type: string, config: Config = {}): Config {
  return { "@type": `type.googleapis.com/${type}`, ...config };
}

/** A duration in Envoy's form. */
export function seconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

/** The content types of gRPC but not those of gRPC-Web. */
export const grpcContentTypes = "application/grpc([+;].*)?";

export const grpcContentType: Config = {
  name: "content-type",
  string_match: { safe_regex: { regex: grpcContentTypes } },
};
