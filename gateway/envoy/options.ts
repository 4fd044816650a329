import type { RateClass } from "../routes.ts";

/** A host name or IP address, and a port. */
export interface Address {
  host: string;
  port: number;
}

/** The addresses of one service, for all replicas. */
export interface ServiceAddresses {
  grpc: readonly Address[];
  http: readonly Address[];
}

/** A token bucket per client address: refilled with `requests` tokens every `perSeconds` seconds. */
export interface RateLimit {
  requests: number;
  perSeconds: number;
}

/** What Envoy's configuration depends on besides the contracts. */
export interface EnvoyOptions {
  /** 127.0.0.1 by default. */
  listenHost?: string;
  listenPort: number;
  /** Port of the admin interface on loopback; 0 takes a free one. */
  adminPort: number;
  /** Port at which `GET /drain` drains the gateway and answers when it may end. Needs the admin port. */
  drainPort?: number;
  /** By service name; required for every service with a public route. */
  services: Readonly<Record<string, ServiceAddresses>>;
  site: Address;
  /** Where the public keys of access tokens are; fetched every `cacheSeconds` (60). */
  jwks: Address & { path: string; cacheSeconds?: number };
  issuer: string;
  audience: string;
  /** Origins of web clients on other hosts, in the form that browsers send; `:*` at the end allows all ports. */
  allowedOrigins: readonly string[];
  /** An OTLP collector over gRPC. Without it, Envoy creates no spans. */
  otel?: Address;
  /** The certificate authority of the services. Without it, connections to their grpc listeners have no TLS. */
  serviceCaFile?: string;
  /** What `renderTlsSecrets` makes: as `serviceCaFile`, with a certificate of the gateway's own, and read again. */
  tlsSecretsFolder?: string;
  rates?: Record<RateClass, RateLimit>;
  /** `stdout` or the path of a file. */
  accessLog: string;
}

/** More than a household needs, and less than a script could use. */
export const defaultRates: Record<RateClass, RateLimit> = {
  read: { requests: 600, perSeconds: 10 },
  write: { requests: 200, perSeconds: 10 },
  money: { requests: 60, perSeconds: 10 },
  secret: { requests: 60, perSeconds: 60 },
  mail: { requests: 20, perSeconds: 60 },
  page: { requests: 600, perSeconds: 10 },
};
