import type { RateClass } from "../routes.ts";

/** A listener: a name or an IP address, and a port. */
export interface Address {
  host: string;
  port: number;
}

/** The listeners of one service, each on all replicas. */
export interface ServiceAddresses {
  grpc: Address[];
  http: Address[];
}

/** A bucket of so many requests for each client address, filled again in so many seconds. */
export interface RateLimit {
  requests: number;
  perSeconds: number;
}

/** What the configuration of Envoy depends on, beside the contracts. */
export interface EnvoyOptions {
  /** 127.0.0.1 by default. */
  listenHost?: string;
  listenPort: number;
  /** The administration, on loopback; 0 lets Envoy choose. */
  adminPort: number;
  /** By name; every service with a public method is needed. */
  services: Record<string, ServiceAddresses>;
  site: Address;
  /** Where the public keys of access tokens are; fetched every `cacheSeconds`, 60 by default and at least 6. */
  jwks: Address & { path: string; cacheSeconds?: number };
  issuer: string;
  audience: string;
  /** Origins of web clients on other hosts, as browsers send them. */
  allowedOrigins: string[];
  /** An OTLP collector that speaks gRPC. Without it no spans are made. */
  otel?: Address;
  /** The authority of the services' certificates. Without it the grpc listeners are met without TLS. */
  meshCaFile?: string;
  rates?: Record<RateClass, RateLimit>;
  /** `stdout` or a path. */
  accessLog: string;
}

/** Ample for one household, tight for a machine. */
export const defaultRates: Record<RateClass, RateLimit> = {
  read: { requests: 600, perSeconds: 10 },
  write: { requests: 200, perSeconds: 10 },
  money: { requests: 60, perSeconds: 10 },
  secret: { requests: 60, perSeconds: 60 },
  mail: { requests: 20, perSeconds: 60 },
  page: { requests: 600, perSeconds: 10 },
};
