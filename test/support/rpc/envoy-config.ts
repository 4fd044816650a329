/** The parts of Envoy's configuration that tests read. */
export interface Bootstrap {
  static_resources: {
    listeners: [{ filter_chains: [{ filters: [{ typed_config: ConnectionManager }] }] }];
  };
}

interface ConnectionManager {
  use_remote_address: boolean;
  access_log: unknown;
  http_filters: { name: string; typed_config: { max_request_bytes?: number } }[];
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
  metadata?: {
    filter_metadata: {
      gateway?: { rate: string };
      "envoy.filters.http.lua"?: { refuse: { ":status": string; allow?: string } };
    };
  };
  typed_per_filter_config?: Record<string, { requirement_name?: string }>;
}

export interface Filter {
  and_filter?: { filters: Filter[] };
  status_code_filter?: { comparison: { op: "EQ" | "GE"; value: { default_value: number } } };
  header_filter?: { header: { string_match: StringMatch } };
  extension_filter?: { typed_config: { expression: string } };
  metadata_filter?: { matcher: { value: { string_match: { exact: string } } } };
}

export interface Mapper {
  filter: Filter;
  status_code?: number;
  body?: { inline_string: string };
  headers_to_add: { header: { key: string; value: string } }[];
  body_format_override?: { text_format_source: { inline_bytes: string }; content_type: string };
}
