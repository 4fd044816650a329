import { grpcContentTypes } from "#gateway/envoy/config.ts";
import type { Address, EnvoyOptions } from "#gateway/envoy/options.ts";
import { credentials, isHedged, removedFromAnswers, varies } from "#gateway/envoy/virtual-host.ts";
import {
  escapedSlash,
  escapeRegex,
  type HttpRoute,
  type Route,
  type RouteTable,
  type RpcRoute,
  regexOf,
  unlistedRpcs,
  verbsOf,
} from "#gateway/routes.ts";
import type { KubernetesObject } from "../objects/part.ts";
import { duration, gatewayName, routeObject } from "./names.ts";

/** What policies select a route by; a label each. */
export const labels = {
  token: "questioncloud/token",
  repeatable: "questioncloud/repeatable",
};

/** Whether a call needs a token. */
export type Token = "required" | "optional" | "none";

/** The routes that refuse, by the end of their names. */
export const refusing = { escapedSlash: "escaped-slash", unlistedRpc: "unlisted-rpc" };

/** The end of the name of a route that refuses all HTTP methods but these. */
export function onlyVerbs(verbs: readonly string[]): string {
  return `only-${verbs.join("-").toLowerCase()}`;
}

/** The routes of the table. The rules of the Gateway API decide which one counts: no order is needed. */
export function createRoutes(table: RouteTable, options: EnvoyOptions): KubernetesObject[] {
  const addressOf = (service: string, listener: "grpc" | "http") =>
    service === "site" ? options.site : options.services[service]?.[listener][0];
  const groups = [...Map.groupBy(table.rpc, nameOf).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...groups.flatMap(([name, routes]) => [
      grpcRoute(name, routes, addressOf),
      httpRoute(name, routes, addressOf),
    ]),
    ...table.http.map((route, index) => httpRoute(`${nameOf(route)}-plain-${index}`, [route], addressOf)),
    ...createRefusingRoutes(table, options.site),
    httpRoute(nameOf(table.site), [table.site], addressOf),
  ];
}

type AddressOf = (service: string, listener: "grpc" | "http") => Address | undefined;
type AnyRoute = Route | RpcRoute | HttpRoute;

/** Routes of one name have a policy in common; the name starts with service and rate. */
function nameOf(route: AnyRoute): string {
  const repeatable = route.repeatable ? ["repeatable"] : [];
  const hedged = isHedged(route) ? ["hedged"] : [];
  return [
    route.service,
    route.rate,
    `token-${tokenOf(route)}`,
    duration(route.timeoutMs),
    ...repeatable,
    ...hedged,
  ].join("-");
}

function tokenOf(route: AnyRoute): Token {
  if (!("access" in route)) {
    return "none";
  }
  return route.access === "public" ? "optional" : "required";
}

function labelsOf(route: AnyRoute) {
  return {
    [labels.token]: tokenOf(route),
    [labels.repeatable]: String(route.repeatable),
  };
}

function grpcRoute(name: string, routes: readonly RpcRoute[], addressOf: AddressOf): KubernetesObject {
  const [first] = routes as [RpcRoute];
  // A match of two headers counts before one of a path and an HTTP method; every request has an id.
  const headers = [
    { type: "RegularExpression", name: "content-type", value: grpcContentTypes },
    { type: "RegularExpression", name: "x-request-id", value: ".+" },
  ];
  const matches = routes.map(({ method }) => ({
    method: { type: "Exact", service: method.parent.typeName, method: method.name },
    headers,
  }));
  const rule = {
    matches,
    filters: [answerFilter],
    backendRefs: [backendRef(addressOf(first.service, "grpc"))],
  };
  return routeObject("GRPCRoute", name, { ...attached, rules: [rule] }, labelsOf(first));
}

function httpRoute(name: string, routes: readonly AnyRoute[], addressOf: AddressOf): KubernetesObject {
  const [first] = routes as [AnyRoute];
  const filters = tokenOf(first) === "none" ? [withoutCredentials, answerFilter] : [answerFilter];
  const backendRefs = [backendRef(addressOf(first.service, "http"))];
  const timeouts = { request: duration(first.timeoutMs) };
  const rule = { matches: routes.flatMap(matchesOf), filters, backendRefs, timeouts };
  return routeObject("HTTPRoute", name, { ...attached, rules: [rule] }, labelsOf(first));
}

function matchesOf(route: AnyRoute) {
  if (!("verb" in route || "access" in route)) {
    return [{ path: { type: "PathPrefix", value: route.path } }];
  }
  return verbsOf(route).map(method => ({ path: matchPath(route.path), method }));
}

function matchPath(path: string) {
  const regex = regexOf(path);
  return regex === undefined ? { type: "Exact", value: path } : { type: "RegularExpression", value: regex };
}

/** What is refused for every caller. Patches give these routes the refusal; the backend is never called. */
function createRefusingRoutes({ rpc, http }: RouteTable, site: Address): KubernetesObject[] {
  const anyPath = { type: "PathPrefix", value: "/" };
  const byVerbs = Map.groupBy([...rpc, ...http], route => `${route.service}-${onlyVerbs(verbsOf(route))}`);
  const matches: (readonly [name: string, matches: readonly object[]])[] = [
    [refusing.escapedSlash, [{ path: { type: "RegularExpression", value: escapedSlash } }]],
    [
      refusing.unlistedRpc,
      [
        ...unlistedRpcs.prefixes.map(prefix => ({
          path: { type: "RegularExpression", value: `${escapeRegex(prefix)}.*` },
        })),
        ...unlistedRpcs.headers.map(({ name, prefix = "" }) => ({
          path: anyPath,
          headers: [{ type: "RegularExpression", name, value: `${escapeRegex(prefix)}.*` }],
        })),
      ],
    ],
    ...[...byVerbs].map(
      ([name, routes]) => [name, routes.map(({ path }) => ({ path: matchPath(path) }))] as const,
    ),
  ];
  return matches.map(([name, each]) =>
    routeObject("HTTPRoute", name, {
      ...attached,
      rules: [{ matches: each, backendRefs: [backendRef(site)] }],
    }),
  );
}

const attached = { parentRefs: [{ name: gatewayName }] };

const answerFilter = {
  type: "ResponseHeaderModifier",
  responseHeaderModifier: { add: [{ name: varies.key, value: varies.value }], remove: removedFromAnswers },
};

const withoutCredentials = {
  type: "RequestHeaderModifier",
  requestHeaderModifier: { remove: credentials },
};

/** A service of the cluster; its name is the host of its address. */
export function backendRef(address: Address | undefined) {
  if (address === undefined) {
    throw new Error("a route leads to a service without an address");
  }
  return { name: address.host, port: address.port };
}
