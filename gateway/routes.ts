import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Access, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { deploymentOf, packageServiceOf, protoServices, serviceNames } from "#kit/contract/contracts.ts";
import { isIdempotent, methodName, policyOf } from "#kit/contract/policy.ts";

const deadlineMarginMs = 1_000;

const accessNames = {
  [Access.PUBLIC]: "public",
  [Access.USER]: "user",
  [Access.ADMIN]: "admin",
} as const;

const rateNames = {
  [Rate.READ]: "read",
  [Rate.WRITE]: "write",
  [Rate.MONEY]: "money",
  [Rate.SECRET]: "secret",
  [Rate.MAIL]: "mail",
} as const;

/** Who may call: everyone, a user, or a user with the role ADMIN. */
export type RouteAccess = (typeof accessNames)[keyof typeof accessNames];

/** The rate limit class of a route; `page` is for requests to the site. */
export type RateClass = (typeof rateNames)[keyof typeof rateNames] | "page";

/** What all routes have in common. */
export interface Route {
  /** Name of the service that answers, or `site`. */
  service: string;
  path: string;
  rate: RateClass;
  timeoutMs: number;
  /** True if the gateway may repeat a request whose answer was lost. */
  repeatable: boolean;
}

/** A public method. */
export interface RpcRoute extends Route {
  method: DescMethod;
  access: RouteAccess;
  /** True if the method has no side effects and may therefore be called with GET. */
  safe: boolean;
}

/**
 * A plain HTTP route that a service declares in its `service.proto`. A last segment in braces matches any single
 * segment.
 */
export interface HttpRoute extends Route {
  verb: "GET" | "POST";
}

/** Everything that is reachable from outside. */
export interface RouteTable {
  rpc: RpcRoute[];
  http: HttpRoute[];
  /** For all other paths. */
  site: Route;
}

/**
 * Derives the routes from the contracts. Throws if a proto service mixes public and internal methods, if a policy is
 * incomplete, or if a public method streams.
 */
export function createRouteTable(services: readonly DescService[] = protoServices): RouteTable {
  return {
    rpc: services.filter(isPublic).flatMap(service => service.methods.map(createRpcRoute)),
    http: serviceNames.flatMap(createHttpRoutes),
    site: { service: "site", path: "/", timeoutMs: plainTimeoutMs, rate: "page", repeatable: true },
  };
}

/** The services that a route leads to, sorted by name. */
export function routedServices({ rpc, http }: RouteTable): string[] {
  return [...new Set([...rpc, ...http].map(route => route.service))].sort();
}

/** The HTTP methods of a route; `HEAD` wherever `GET` is allowed. */
export function verbsOf(route: RpcRoute | HttpRoute): string[] {
  if ("verb" in route) {
    return route.verb === "GET" ? ["GET", "HEAD"] : [route.verb];
  }
  return route.safe ? ["GET", "HEAD", "POST"] : ["POST"];
}

/** A regular expression for a path whose last segment is in braces. */
export function regexOf(path: string): string | undefined {
  const prefix = /^(.*\/)\{\w+\}$/.exec(path)?.[1];
  return prefix === undefined ? undefined : `${escapeRegex(prefix)}[^/]+`;
}

/** Text as a regular expression that matches it. */
export function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Paths that the gateway and a service would read differently. */
export const escapedSlash = ".*%(2[fF]|5[cC]).*";

/**
 * What uses an RPC protocol or looks like it and is not in the table: internal methods, methods that do not exist,
 * health and reflection.
 */
export const unlistedRpcs = {
  prefixes: ["/questioncloud.", "/grpc."],
  /** Without a prefix, every value. */
  headers: [
    { name: "content-type", prefix: "application/grpc" },
    { name: "content-type", prefix: "application/connect+" },
    { name: "connect-protocol-version", prefix: undefined },
  ],
};

/** The path of a method on the wire. */
export function rpcPath(method: DescMethod): string {
  return `/${methodName(method)}`;
}

/** A proto service is either public or internal; one that mixes both would be routed by accident. */
function isPublic(service: DescService): boolean {
  const internal = service.methods.filter(method => policyOf(method).access === Access.INTERNAL);
  if (internal.length > 0 && internal.length < service.methods.length) {
    throw new Error(
      `${service.typeName} mixes internal and public methods: ${internal.map(method => method.name).join(", ")}.`,
    );
  }
  return internal.length === 0;
}

/** The policy of a public method; throws for an internal one. */
function readPublicPolicy(method: DescMethod) {
  const { access, rate, deadlineMs } = policyOf(method);
  const accessName = accessNames[access as keyof typeof accessNames];
  const rateName = rateNames[rate as keyof typeof rateNames];
  if (!accessName || !rateName) {
    throw new Error(`The policy of ${rpcPath(method)} is not that of a public method.`);
  }
  return { access: accessName, rate: rateName, deadlineMs };
}

/** True if the method may be called with GET. */
function isSafe(method: DescMethod): boolean {
  return method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

function createRpcRoute(method: DescMethod): RpcRoute {
  const { access, rate, deadlineMs } = readPublicPolicy(method);
  if (method.methodKind !== "unary") {
    throw new Error(`${rpcPath(method)} streams; the gateway limits every call in time.`);
  }
  return {
    service: packageServiceOf(method.parent.file),
    method,
    path: rpcPath(method),
    access,
    rate,
    safe: isSafe(method),
    repeatable: isIdempotent(method),
    timeoutMs: deadlineMs + deadlineMarginMs,
  };
}

const plainTimeoutMs = 10_000;

function createHttpRoutes(service: string): HttpRoute[] {
  return deploymentOf(service).httpRoutes.map(({ method: verb, path, rate }) => {
    const rateName = rateNames[rate as keyof typeof rateNames];
    if ((verb !== "GET" && verb !== "POST") || !rateName) {
      throw new Error(`The HTTP route ${verb} ${path} of ${service} needs GET or POST and a rate.`);
    }
    return { timeoutMs: plainTimeoutMs, service, verb, path, rate: rateName, repeatable: verb === "GET" };
  });
}
