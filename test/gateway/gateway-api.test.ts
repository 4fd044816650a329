import { expect } from "chai";
import { createRouteTable, escapedSlash, rpcPath, verbsOf } from "#gateway/routes.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { createGatewayApi } from "#k8s/gateway-api/gateway.ts";
import { protoServices } from "#kit/contract/contracts.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { options } from "../support/rpc/rendered-gateway.ts";

interface Match {
  readonly path?: { readonly type: string; readonly value: string };
  readonly method?: string | { readonly service: string; readonly method: string };
  readonly headers?: readonly unknown[];
}

interface Rule {
  readonly matches: readonly Match[];
  readonly timeouts?: { readonly request: string };
}

interface Route {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly rules: readonly Rule[] };
}

interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly targetSelectors?: readonly { kind: string; matchLabels: Readonly<Record<string, string>> }[];
    readonly jwt?: { readonly optional: boolean };
  };
}

interface Patches {
  readonly spec: {
    readonly jsonPatches: readonly { readonly type: string; readonly operation: PatchOperation }[];
  };
}

interface PatchOperation {
  readonly path?: string;
  readonly jsonPath?: string;
  readonly value?: unknown;
}

const table = createRouteTable();
const objects = createGatewayApi(options, table);
const routes = objects.routes as unknown as Route[];
const policies = objects.policies as unknown as Policy[];
const matchesOf = (route: Route) => route.spec.rules.flatMap(({ matches }) => matches);
const refuses = ({ metadata }: Route) => metadata.labels["questioncloud/repeatable"] === undefined;
const forwarding = routes.filter(route => !refuses(route));

/** The routes that a call can take, without those that refuse. */
function routesOf(path: string, method: string): Route[] {
  return forwarding.filter(
    route =>
      route.kind === "HTTPRoute" &&
      matchesOf(route).some(match => match.path?.value === path && match.method === method),
  );
}

/** The policies of a kind that select a route. */
function policiesOf(route: Route, kind: string): Policy[] {
  return policies.filter(
    policy =>
      policy.kind === kind &&
      policy.spec.targetSelectors?.some(
        selector =>
          selector.kind === route.kind &&
          Object.entries(selector.matchLabels).every(([key, value]) => route.metadata.labels[key] === value),
      ),
  );
}

describe("the gateway as resources of the Gateway API", () => {
  it("has every public method once for each of its HTTP methods and once for gRPC, and refuses all others", () => {
    const grpc = forwarding.filter(({ kind }) => kind === "GRPCRoute").flatMap(matchesOf);
    expect(grpc).to.have.length(table.rpc.length);
    for (const route of table.rpc) {
      for (const verb of verbsOf(route)) {
        expect(routesOf(route.path, verb), `${verb} ${route.path}`).to.have.length(1);
      }
      expect(
        grpc.map(({ method }) => method),
        route.path,
      ).to.deep.include({ type: "Exact", service: route.method.parent.typeName, method: route.method.name });
      const other = routes.filter(refuses).flatMap(matchesOf);
      expect(other, route.path).to.deep.include({ path: { type: "Exact", value: route.path } });
    }
  });

  it("has no internal method", () => {
    const internal = protoServices.flatMap(({ methods }) =>
      methods.filter(method => policyOf(method).access === Access.INTERNAL),
    );
    const text = JSON.stringify(routes);
    expect(internal).not.to.deep.equal([]);
    expect(
      internal.filter(method => text.includes(rpcPath(method)) || text.includes(method.parent.typeName)),
    ).to.deep.equal([]);
  });

  it("gives what it forwards a policy for retries, and every method its timeout and a policy for tokens", () => {
    for (const route of routes) {
      const wanted = refuses(route) ? 0 : 1;
      expect(policiesOf(route, "BackendTrafficPolicy"), route.metadata.name).to.have.length(wanted);
    }
    for (const { path, access, timeoutMs } of table.rpc) {
      const [route] = routesOf(path, "POST") as [Route];
      const security = policiesOf(route, "SecurityPolicy").map(({ spec }) => spec.jwt?.optional);
      expect(security, path).to.deep.equal([access === "public"]);
      expect(route.spec.rules[0]?.timeouts?.request, path).to.equal(`${timeoutMs / 1000}s`);
    }
  });

  it("names routes of gRPC by their timeout, of less than a second, too, since their name is all that Lua has", () => {
    const rpc = table.rpc.map((route, place) => (place === 0 ? { ...route, timeoutMs: 300 } : route));
    const made = createGatewayApi(options, { ...table, rpc }).routes as unknown as Route[];
    for (const route of made.filter(({ kind }) => kind === "GRPCRoute")) {
      const { name } = route.metadata;
      const [, number = "", unit] = /-token-[a-z]+-([0-9]+)(m?s)/.exec(name) ?? [];
      const methods = matchesOf(route).map(({ method }) => method);
      const named = rpc.filter(({ method: { parent, name } }) =>
        methods.some(
          each => typeof each === "object" && each.service === parent.typeName && each.method === name,
        ),
      );
      expect([...new Set(named.map(({ timeoutMs }) => timeoutMs))], name).to.deep.equal([
        Number(number) * (unit === "s" ? 1000 : 1),
      ]);
    }
  });

  it("changes routes with at most one patch, because Envoy Gateway reads all routes again for each", () => {
    const any = { ...options, allowedOrigins: ["http://localhost:*"] };
    const operations = (createGatewayApi(any, table).patches as unknown as Patches[])
      .flatMap(({ spec }) => spec.jsonPatches)
      .filter(({ type }) => type.endsWith(".RouteConfiguration"))
      .map(({ operation }) => operation);
    expect(operations.map(({ jsonPath }) => jsonPath)).to.deep.equal([undefined]);
  });

  it("lets the rule of escaped slashes come before the other patterns: among these the longest counts first", () => {
    const patterns = routes
      .flatMap(matchesOf)
      .flatMap(({ path }) => (path?.type === "RegularExpression" ? [path.value] : []));
    const [first] = patterns.sort((a, b) => b.length - a.length);
    expect(first).to.equal(escapedSlash);
  });

  it("keeps to the number of matches that a route may have", () => {
    const largest = Math.max(...routes.map(route => matchesOf(route).length));
    expect(largest).to.be.at.most(128);
  });
});
