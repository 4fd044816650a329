import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Access, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { isIdempotent, methodName, policyOf } from "#kit/policy.ts";
import { protoServices } from "./contracts.ts";

const deadlineMarginMs = 1_000;
const defaultBodyLimitBytes = 64 * 1024;

/** No request through the gateway is larger, whatever its route says. */
export const bodyCeilingBytes = 1024 * 1024;

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

/** Who may call: anybody, a user, or a user whose token says ADMIN. */
export type RouteAccess = (typeof accessNames)[keyof typeof accessNames];

/** How often one address may call; `page` counts what is no RPC. */
export type RateClass = (typeof rateNames)[keyof typeof rateNames] | "page";

/** What every route has. */
export interface Route {
  /** The folder in `services/` that answers, or `site`. */
  service: string;
  path: string;
  rate: RateClass;
  /** Zero for a streaming method. */
  timeoutMs: number;
  bodyLimitBytes: number;
  /** True where a request whose answer was lost may be sent again. */
  repeatable: boolean;
}

/** One public method. */
export interface RpcRoute extends Route {
  method: DescMethod;
  access: RouteAccess;
  streaming: boolean;
  /** True where the method has no side effects and so may be called with GET. */
  safe: boolean;
}

/** One address outside the contracts. */
export interface HttpRoute extends Route {
  verb: "GET" | "POST";
}

/** All that is reachable from outside. */
export interface RouteTable {
  rpc: RpcRoute[];
  http: HttpRoute[];
  /** Answers every other path. */
  site: Route;
}

/** Derives the routes from the contracts. Throws where a proto service is neither public nor mesh, or a policy is incomplete. */
export function createRouteTable(services: DescService[] = protoServices): RouteTable {
  return {
    rpc: services.filter(isPublic).flatMap(service => service.methods.map(createRpcRoute)),
    http: [
      createHttpRoute({ service: "user", verb: "GET", path: "/.well-known/jwks.json", rate: "read" }),
      createHttpRoute({ service: "point", verb: "POST", path: "/webhooks/toss", rate: "write" }),
    ],
    site: { service: "site", path: "/", ...plain, rate: "page", repeatable: true },
  };
}

/** The path of a method on the wire. */
export function rpcPath(method: DescMethod): string {
  return `/${methodName(method)}`;
}

/** Neighbours alone may call a mesh service. A service that serves both neighbours and the public is a mistake. */
function isPublic(service: DescService): boolean {
  const mesh = service.methods.filter(method => policyOf(method).access === Access.MESH);
  if (mesh.length > 0 && mesh.length < service.methods.length) {
    throw new Error(
      `${service.typeName} mixes mesh and public methods: ${mesh.map(method => method.name).join(", ")}.`,
    );
  }
  return mesh.length === 0;
}

/** The guard of a public method. Throws for a method of the mesh. */
function readPublicPolicy(method: DescMethod) {
  const { access, rate, deadlineMs } = policyOf(method);
  const accessName = accessNames[access as keyof typeof accessNames];
  const rateName = rateNames[rate as keyof typeof rateNames];
  if (!accessName || !rateName) throw new Error(`The policy of ${rpcPath(method)} is no public one.`);
  return { access: accessName, rate: rateName, deadlineMs };
}

/** True where the method may be called with GET. */
function isSafe(method: DescMethod): boolean {
  return method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

function createRpcRoute(method: DescMethod): RpcRoute {
  const { access, rate, deadlineMs } = readPublicPolicy(method);
  const streaming = method.methodKind !== "unary";
  return {
    service: serviceName(method.parent),
    method,
    path: rpcPath(method),
    access,
    rate,
    streaming,
    safe: isSafe(method),
    repeatable: !streaming && isIdempotent(method),
    timeoutMs: streaming ? 0 : deadlineMs + deadlineMarginMs,
    bodyLimitBytes: defaultBodyLimitBytes,
  };
}

const plain = { timeoutMs: 10_000, bodyLimitBytes: defaultBodyLimitBytes };

function createHttpRoute(route: Pick<HttpRoute, "service" | "verb" | "path" | "rate">): HttpRoute {
  return { ...plain, ...route, repeatable: route.verb === "GET" };
}

function serviceName(service: DescService): string {
  const [, name] = service.file.proto.package.split(".");
  if (!name) throw new Error(`${service.typeName} is in no package of a service.`);
  return name;
}
