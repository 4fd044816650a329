import { crossOrigin } from "#gateway/envoy/cors.ts";
import { tokenMetadata } from "#gateway/envoy/http-filters.ts";
import { identityHeaderPrefixes, identityHeaders } from "#gateway/envoy/listener.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { retryTriggers } from "#gateway/envoy/virtual-host.ts";
import { clientLimits, upstreamLimits } from "#gateway/limits.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { duration, envoyObject, routesWith, theGateway } from "./names.ts";
import { backendRef, labels, type Token } from "./routes.ts";

/** What Envoy Gateway can say in its own words; `patches.ts` has the rest. */
export function createPolicies(options: EnvoyOptions): KubernetesObject[] {
  return [
    clientPolicy(),
    ...(canNameOrigins(options) ? [originPolicy(options)] : []),
    ...(["required", "optional"] as const).map(token => tokenPolicy(token, options)),
    connectionPolicy(),
    ...[false, true].map(retryPolicy),
  ];
}

function clientPolicy(): KubernetesObject {
  return envoyObject("ClientTrafficPolicy", "clients", {
    targetRefs: [theGateway],
    path: { escapedSlashesAction: "KeepUnchanged" },
    headers: {
      withUnderscoresAction: "DropHeader",
      requestID: "Generate",
      earlyRequestHeaders: {
        remove: identityHeaders,
        removeOnMatch: identityHeaderPrefixes.map(value => ({ type: "Prefix", value })),
      },
    },
    timeout: {
      http: {
        requestHeadersReceivedTimeout: duration(clientLimits.headersTimeoutMs),
        requestReceivedTimeout: duration(clientLimits.requestTimeoutMs),
        streamIdleTimeout: duration(clientLimits.streamIdleTimeoutMs),
        idleTimeout: duration(clientLimits.idleTimeoutMs),
      },
    },
    connection: {
      bufferLimit: String(clientLimits.bufferBytes),
      connectionLimit: { value: clientLimits.connections },
    },
    http2: {
      maxConcurrentStreams: clientLimits.streamsPerConnection,
      initialStreamWindowSize: String(clientLimits.streamWindowBytes),
      initialConnectionWindowSize: String(clientLimits.connectionWindowBytes),
    },
    // Services speak gRPC-Web themselves.
    grpc: { enableWeb: false },
    healthCheck: { path: "/healthz" },
  });
}

function originPolicy({ allowedOrigins }: EnvoyOptions): KubernetesObject {
  return envoyObject("SecurityPolicy", "origins", {
    targetRefs: [theGateway],
    cors: {
      allowOrigins: allowedOrigins,
      allowMethods: crossOrigin.methods,
      allowHeaders: crossOrigin.requestHeaders,
      exposeHeaders: crossOrigin.responseHeaders,
      maxAge: duration(crossOrigin.maxAgeSeconds * 1000),
      allowCredentials: true,
    },
  });
}

function tokenPolicy(token: Exclude<Token, "none">, options: EnvoyOptions): KubernetesObject {
  return envoyObject("SecurityPolicy", `token-${token}`, {
    targetSelectors: routesWith({ [labels.token]: token }),
    ...addedToGateway,
    jwt: { optional: token === "optional", providers: [provider(options)] },
  });
}

/** A policy of routes that leaves what the one of the gateway says. */
const addedToGateway = { mergeType: "StrategicMerge" };

/** True if a policy can name the origins: neither all ports nor an IPv6 address. */
export function canNameOrigins({ allowedOrigins }: Pick<EnvoyOptions, "allowedOrigins">): boolean {
  return allowedOrigins.every(origin => /^\w+:\/\/[\w.-]+(:\d+)?$/.test(origin));
}

function provider({ issuer, audience, jwks }: EnvoyOptions) {
  return {
    name: tokenMetadata,
    issuer,
    audiences: [audience],
    remoteJWKS: {
      uri: `http://${jwks.host}:${jwks.port}${jwks.path}`,
      cacheDuration: `${jwks.cacheSeconds ?? 60}s`,
      backendRefs: [backendRef(jwks)],
      backendSettings: { timeout: { http: { requestTimeout: "2s" } } },
    },
    extractFrom: { headers: [{ name: "authorization", valuePrefix: "Bearer " }] },
  };
}

function retryPolicy(repeatable: boolean): KubernetesObject {
  return envoyObject("BackendTrafficPolicy", repeatable ? "retries-repeatable" : "retries", {
    targetSelectors: routesWith({ [labels.repeatable]: String(repeatable) }),
    ...addedToGateway,
    retry: {
      numRetries: upstreamLimits.retries.perRequest,
      retryOn: { triggers: retryTriggers({ repeatable }) },
    },
  });
}

/** How replicas are reached, whatever the call: so all routes to a service share their connections. */
function connectionPolicy(): KubernetesObject {
  return envoyObject("BackendTrafficPolicy", "connections", {
    targetRefs: [theGateway],
    // With it, nothing upgrades to WebSocket either.
    requestBuffer: { limit: String(clientLimits.bodyBytes) },
    // Least request would prefer a replica that has just died.
    loadBalancer: { type: "RoundRobin" },
    circuitBreaker: {
      maxConnections: upstreamLimits.connections,
      maxPendingRequests: upstreamLimits.pendingRequests,
      maxParallelRequests: upstreamLimits.requests,
      retryBudget: {
        percent: { numerator: upstreamLimits.retries.percentOfRequests, denominator: 100 },
        minRetryConcurrency: upstreamLimits.retries.always,
      },
    },
    timeout: {
      tcp: { connectTimeout: duration(upstreamLimits.connectTimeoutMs) },
      http: { connectionIdleTimeout: duration(upstreamLimits.idleTimeoutMs) },
    },
    http2: {
      maxConcurrentStreams: upstreamLimits.streamsPerConnection,
      connectionKeepalive: {
        interval: duration(upstreamLimits.keepAlive.intervalMs),
        timeout: duration(upstreamLimits.keepAlive.timeoutMs),
      },
    },
  });
}
