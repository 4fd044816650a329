import { crossOrigin } from "#gateway/envoy/cors.ts";
import { tokenMetadata } from "#gateway/envoy/http-filters.ts";
import { identityHeaderPrefixes, identityHeaders } from "#gateway/envoy/listener.ts";
import type { EnvoyOptions } from "#gateway/envoy/options.ts";
import { retryTriggers } from "#gateway/envoy/virtual-host.ts";
import { clientLimits, upstreamLimits } from "#gateway/limits.ts";
import type { RouteTable } from "#gateway/routes.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { envoyObject, routesWith, theGateway } from "./names.ts";
import { backendRef, labels, type Token } from "./routes.ts";

/** What Envoy Gateway can say in its own words; `patches.ts` has the rest. */
export function createPolicies(table: RouteTable, options: EnvoyOptions): KubernetesObject[] {
  return [
    clientPolicy(),
    ...(["required", "optional", "none"] as const).map(token => securityPolicy(token, options)),
    ...backendPolicies(table),
  ];
}

/** How a duration is written. */
const duration = (milliseconds: number) =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;

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
    healthCheck: { path: "/healthz" },
  });
}

function securityPolicy(token: Token, options: EnvoyOptions): KubernetesObject {
  return envoyObject("SecurityPolicy", `token-${token}`, {
    targetSelectors: routesWith({ [labels.token]: token }),
    cors: {
      allowOrigins: options.allowedOrigins.filter(isPlainOrigin),
      allowMethods: crossOrigin.methods,
      allowHeaders: crossOrigin.requestHeaders,
      exposeHeaders: crossOrigin.responseHeaders,
      maxAge: duration(crossOrigin.maxAgeSeconds * 1000),
      allowCredentials: true,
    },
    ...(token !== "none" && { jwt: { optional: token === "optional", providers: [provider(options)] } }),
  });
}

/** True if a policy can name the origin: neither all ports nor an IPv6 address. */
export function isPlainOrigin(origin: string): boolean {
  return /^\w+:\/\/[\w.-]+(:\d+)?$/.test(origin);
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

function backendPolicies({ rpc, http, site }: RouteTable): KubernetesObject[] {
  const kinds = Map.groupBy([...rpc, ...http, site], ({ timeoutMs, repeatable }) =>
    [duration(timeoutMs), ...(repeatable ? ["repeatable"] : [])].join("-"),
  );
  return [...kinds]
    .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .map(([name, routes]) => {
      const [{ timeoutMs, repeatable }] = routes as [(typeof routes)[number]];
      const selector = {
        [labels.timeout]: duration(timeoutMs),
        [labels.repeatable]: String(repeatable),
      };
      return envoyObject("BackendTrafficPolicy", name, {
        targetSelectors: routesWith(selector),
        retry: {
          numRetries: upstreamLimits.retries.perRequest,
          retryOn: { triggers: retryTriggers({ repeatable }) },
        },
        timeout: {
          tcp: { connectTimeout: duration(upstreamLimits.connectTimeoutMs) },
          http: {
            requestTimeout: duration(timeoutMs),
            connectionIdleTimeout: duration(upstreamLimits.idleTimeoutMs),
          },
        },
        ...connections,
      });
    });
}

/** So many errors in a row eject a replica: an error, too, is an answer, and proves that the replica can be reached. */
const never = 2 ** 31 - 1;

const connections = {
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
  http2: {
    maxConcurrentStreams: upstreamLimits.streamsPerConnection,
    connectionKeepalive: {
      interval: duration(upstreamLimits.keepAlive.intervalMs),
      timeout: duration(upstreamLimits.keepAlive.timeoutMs),
    },
  },
  healthCheck: {
    passive: {
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: upstreamLimits.ejection.failures,
      consecutive5XxErrors: never,
      interval: duration(upstreamLimits.ejection.intervalMs),
      baseEjectionTime: duration(upstreamLimits.ejection.baseMs),
      // Where all are ejected, Envoy uses all again.
      maxEjectionPercent: 100,
    },
  },
};
