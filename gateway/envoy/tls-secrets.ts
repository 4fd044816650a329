import { join } from "node:path";
import type { Config } from "./config.ts";

/** Where a certificate of the gateway is, and that of the authority of the services. */
interface TlsFiles {
  readonly folder: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

const own = "gateway";
const authority = "services";

/**
 * Secrets of Envoy in the form of its discovery service, by which alone it reads certificates again: when something is
 * moved in their folder. One file each, by its name.
 */
export function renderTlsSecrets(files: TlsFiles): Readonly<Record<string, string>> {
  const file = (name: string) => ({ filename: join(files.folder, name) });
  const reread = { watched_directory: { path: files.folder } };
  const secret = (name: string, value: Config) => [
    fileOf(name),
    `${JSON.stringify({
      resources: [
        { "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", name, ...value },
      ],
    })}\n`,
  ];
  const certificate = { certificate_chain: file(files.certFile), private_key: file(files.keyFile) };
  return Object.fromEntries([
    secret(own, { tls_certificate: { ...certificate, ...reread } }),
    secret(authority, { validation_context: { trusted_ca: file(files.caFile), ...reread } }),
  ]);
}

const fileOf = (name: string) => `tls-${name}.json`;

/** The part of a TLS context that takes both secrets from a folder. */
export function useTlsSecrets(folder: string): Config {
  const from = (name: string) => ({
    name,
    sds_config: { path_config_source: { path: join(folder, fileOf(name)) }, resource_api_version: "V3" },
  });
  return {
    tls_certificate_sds_secret_configs: [from(own)],
    validation_context_sds_secret_config: from(authority),
  };
}
