import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { create, createFileRegistry, type DescService, setExtension } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { parse } from "yaml";
import { Access, PolicySchema, policy, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { policyOf } from "#kit/policy.ts";
import { findEnvoy } from "../dev/servers/envoy-binary.ts";
import { protoServices } from "../gateway/contracts.ts";
import { defaultRates, type EnvoyOptions } from "../gateway/envoy/options.ts";
import { renderEnvoy } from "../gateway/envoy/render.ts";
import { createRouteTable, rpcPath } from "../gateway/routes.ts";
import { answerLocally, type Bootstrap, type EnvoyRoute } from "./support/envoy-config.ts";

const here = (port: number) => ({ host: "127.0.0.1", port });
const table = createRouteTable();
const names = [...new Set([...table.rpc, ...table.http].map(route => route.service))];
const options: EnvoyOptions = {
  listenPort: 18080,
  adminPort: 0,
  services: Object.fromEntries(
    names.map((name, index) => [name, { grpc: [here(20_000 + index)], http: [here(21_000 + index)] }]),
  ),
  site: here(22_000),
  jwks: { ...here(22_001), path: "/.well-known/jwks.json" },
  issuer: "https://questioncloud.test",
  audience: "questioncloud",
  allowedOrigins: ["https://app.questioncloud.test"],
  otel: here(22_002),
  accessLog: "stdout",
};
const text = renderEnvoy(options);
const bootstrap: Bootstrap = parse(text);
const listener = bootstrap.static_resources.listeners[0];
const manager = listener.filter_chains[0].filters[0].typed_config;
const [host] = manager.route_config.virtual_hosts;
const jwt = "envoy.filters.http.jwt_authn";

/** The route that Envoy takes: the first that matches. */
function findRoute(path: string, method: string, headers: Record<string, string> = {}): EnvoyRoute {
  const all: Record<string, string> = { ":method": method, ...headers };
  const found = host.routes.find(({ match }) => {
    const fits = match.path === undefined ? path.startsWith(match.prefix ?? "/") : match.path === path;
    return fits && (match.headers ?? []).every(header => matches(header, all[header.name]));
  });
  if (!found) throw new Error(`${path} has no route.`);
  return found;
}

function matches(header: NonNullable<EnvoyRoute["match"]["headers"]>[number], value: string | undefined) {
  if (header.present_match) return value !== undefined;
  const { safe_regex, prefix } = header.string_match ?? {};
  if (value === undefined) return false;
  return safe_regex ? new RegExp(`^(?:${safe_regex.regex})$`).test(value) : value.startsWith(prefix ?? "");
}

describe("the gateway's routes", () => {
  const isMesh = (service: DescService) =>
    service.methods.every(method => policyOf(method).access === Access.MESH);
  const publicMethods = protoServices.filter(service => !isMesh(service)).flatMap(service => service.methods);
  const meshMethods = protoServices.filter(isMesh).flatMap(service => service.methods);

  it("lead every public method to its service, by protocol", () => {
    expect(publicMethods).not.to.have.length(0);
    for (const method of publicMethods) {
      const service = method.parent.file.proto.package.split(".")[1];
      const to = (type: string) =>
        findRoute(rpcPath(method), "POST", { "content-type": type }).route?.cluster;
      expect(to("application/grpc"), rpcPath(method)).to.equal(`${service}-grpc`);
      expect(to("application/grpc+proto")).to.equal(`${service}-grpc`);
      expect(to("application/grpc-web+proto")).to.equal(`${service}-http`);
      expect(to("application/grpc-web-text")).to.equal(`${service}-http`);
      expect(to("application/json")).to.equal(`${service}-http`);
    }
  });

  it("take the time and the token from the policy", () => {
    for (const method of publicMethods) {
      const { deadlineMs, access } = policyOf(method);
      for (const type of ["application/grpc", "application/json"]) {
        const found = findRoute(rpcPath(method), "POST", { "content-type": type });
        expect(parseFloat(found.route?.timeout ?? "") * 1000, rpcPath(method)).to.equal(deadlineMs + 1000);
        expect(found.typed_per_filter_config?.[jwt]?.requirement_name).to.equal(
          access === Access.PUBLIC ? "optional" : "required",
        );
      }
    }
  });

  it("count every method in a class that has a bucket, and limit its body", () => {
    for (const { path, rate, bodyLimitBytes } of table.rpc) {
      const found = findRoute(path, "POST", { "content-type": "application/json" });
      expect(found.metadata?.filter_metadata.gateway.rate).to.equal(rate);
      expect(defaultRates).to.have.property(rate);
      expect(found.typed_per_filter_config).to.have.property(`body-${bodyLimitBytes}`);
    }
    const bodies = manager.http_filters.filter(({ name }) => name.startsWith("body-"));
    expect(bodies.map(({ name, disabled }) => [name, disabled ?? false])).to.deep.equal([
      ["body-65536", true],
      ["body-1048576", false],
    ]);
  });

  it("take GET only where nothing changes", () => {
    for (const { path, safe } of table.rpc) {
      expect(findRoute(path, "GET").direct_response?.status, path).to.equal(safe ? undefined : 404);
    }
  });

  it("lead to no method of the mesh", () => {
    expect(meshMethods).not.to.have.length(0);
    for (const method of meshMethods) {
      for (const type of ["application/grpc", "application/json", "application/proto"]) {
        const found = findRoute(rpcPath(method), "POST", { "content-type": type });
        expect(found.direct_response?.status, rpcPath(method)).to.equal(404);
      }
      expect(text).not.to.include(method.parent.typeName);
    }
  });

  it("know nothing else that looks like an RPC, and leave the rest to the site", () => {
    const status = (path: string, headers = {}) => findRoute(path, "POST", headers).direct_response?.status;
    expect(status("/questioncloud.user.v1.AuthService/Nothing")).to.equal(404);
    expect(status("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")).to.equal(404);
    expect(status("/a.B/C", { "content-type": "application/grpc" })).to.equal(404);
    expect(status("/a.B/C", { "content-type": "application/connect+json" })).to.equal(404);
    expect(status("/a.B/C", { "connect-protocol-version": "1" })).to.equal(404);
    expect(findRoute("/healthz", "GET").direct_response?.status).to.equal(200);
    expect(findRoute("/explorer", "GET").route?.cluster).to.equal("site");
    expect(findRoute("/.well-known/jwks.json", "GET").route?.cluster).to.equal("user-http");
    expect(findRoute("/webhooks/toss", "POST").route?.cluster).to.equal("point-http");
  });

  it("refuse a proto service that serves both neighbours and the public", () => {
    expect(() => createRouteTable([createService([Access.PUBLIC, Access.MESH])])).to.throw("mixes");
    expect(createRouteTable([createService([Access.MESH, Access.MESH])]).rpc).to.deep.equal([]);
    expect(createRouteTable([createService([Access.USER])]).rpc[0]).to.include({
      path: "/questioncloud.lab.v1.LabService/Do0",
      service: "lab",
      access: "user",
      timeoutMs: 3000,
    });
  });

  it("need an address of every service", () => {
    const { point: _, ...services } = options.services;
    expect(() => renderEnvoy({ ...options, services })).to.throw("service point");
  });
});

describe("the gateway's own refusals", () => {
  const mappers = manager.local_reply_config.mappers;
  const expected = [
    { status: 400, reason: "BAD_REQUEST", code: 3, http: 400 },
    { status: 401, reason: "UNAUTHORIZED_TOKEN", code: 16, http: 401 },
    { status: 403, reason: "UNAUTHORIZED_TOKEN", code: 16, http: 401 },
    { status: 404, reason: "METHOD_NOT_FOUND", code: 12, http: 404 },
    { status: 408, reason: "DEADLINE_EXCEEDED", code: 4, http: 504 },
    { status: 413, reason: "REQUEST_TOO_LARGE", code: 8, http: 429 },
    { status: 429, reason: "RATE_LIMITED", code: 8, http: 429 },
    { status: 431, reason: "REQUEST_TOO_LARGE", code: 8, http: 429 },
    { status: 500, reason: "INTERNAL_SERVER_ERROR", code: 13, http: 500 },
    { status: 502, reason: "SERVICE_UNAVAILABLE", code: 14, http: 503 },
    { status: 503, reason: "SERVICE_UNAVAILABLE", code: 14, http: 503 },
    { status: 504, reason: "DEADLINE_EXCEEDED", code: 4, http: 504 },
    {
      status: 401,
      details: "jwt{Jwks_remote_fetch_is_failed}",
      reason: "SERVICE_UNAVAILABLE",
      code: 14,
      http: 503,
    },
  ];
  const unary = ["application/json", "application/proto", undefined];
  const streams = ["application/connect+json", "application/connect+proto"];
  const grpcWeb = ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text"];
  const grpc = ["application/grpc", "application/grpc+proto"];

  for (const { status, details, reason, code, http } of expected) {
    it(`tell ${reason} for ${details ?? status} in the caller's protocol`, () => {
      for (const contentType of [...unary, ...streams, ...grpcWeb, ...grpc]) {
        const answer = answerLocally(mappers, { status, contentType, details: details ?? "" });
        expect(answer, contentType).to.include({ code, reason, domain: "questioncloud", locale: "ko-KR" });
        expect(answer.localized).to.match(/[가-힣]/);
        expect(answer.message).not.to.equal("");
        const plain = unary.includes(contentType);
        expect(answer.httpStatus).to.equal(plain ? http : grpc.includes(contentType ?? "") ? undefined : 200);
      }
    });
  }

  it("say when to come back where the rate was too high", () => {
    for (const contentType of [...unary, ...streams, ...grpcWeb, ...grpc]) {
      const answer = answerLocally(mappers, { status: 429, contentType, details: "" });
      expect(answer.retryAfterSeconds).to.equal(1);
    }
  });

  it("never repeat the URL in a challenge", () => {
    for (const contentType of [...unary, ...streams, ...grpcWeb, ...grpc]) {
      const { headers } = answerLocally(mappers, { status: 401, contentType, details: "" });
      expect(headers["www-authenticate"]).to.equal("Bearer");
    }
  });
});

describe("the gateway's configuration", () => {
  it("lets nobody outside say who the caller is", () => {
    const mutations = manager.early_header_mutation_extensions[0].typed_config.mutations;
    const removed = mutations.flatMap(({ remove }) => remove ?? []);
    expect(removed).to.include.members(["x-forwarded-for", "x-service-token", "x-jwt-payload", "x-user-id"]);
    const prefixes = mutations.flatMap(({ remove_on_match }) => remove_on_match?.key_matcher.prefix ?? []);
    expect(prefixes).to.have.members(["x-questioncloud-", "x-envoy-"]);
    expect(manager.use_remote_address).to.equal(true);
  });

  it("keeps queries and tokens out of the access log", () => {
    const fields = JSON.stringify(manager.access_log);
    expect(fields).to.include("%PATH(NQ)%");
    expect(fields).not.to.match(/%REQ\(:PATH|AUTHORIZATION|COOKIE/i);
  });

  it("reads the same in both versions of YAML", () => {
    expect(parse(text, { version: "1.1" })).to.deep.equal(bootstrap);
    expect(text).not.to.match(/(^|\s)[&*][a-z]/m);
  });

  it("is what Envoy accepts", async function () {
    this.timeout(120_000);
    const bin = await findEnvoy({
      cacheDir: resolve(import.meta.dirname, "../.cache"),
      log: console.log,
    });
    if (!bin) return this.skip();
    const folder = await mkdtemp(join(tmpdir(), "gateway-render-"));
    try {
      const { otel: _, ...untraced } = options;
      for (const variant of [options, { ...untraced, accessLog: join(folder, "access.log") }]) {
        const file = join(folder, "envoy.yaml");
        await writeFile(file, renderEnvoy(variant));
        await promisify(execFile)(bin, ["--mode", "validate", "-c", file, "-l", "critical"]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** A proto service with one method for each access. */
function createService(accesses: Access[]): DescService {
  const guarded = (access: Access) => {
    const callers = access === Access.MESH ? ["pay"] : [];
    const options = create(MethodOptionsSchema);
    setExtension(
      options,
      policy,
      create(PolicySchema, { access, callers, rate: Rate.READ, deadlineMs: 2000 }),
    );
    return options;
  };
  const file = create(FileDescriptorProtoSchema, {
    name: "lab.proto",
    package: "questioncloud.lab.v1",
    syntax: "proto3",
    messageType: [{ name: "Empty" }],
    service: [
      {
        name: "LabService",
        method: accesses.map((access, index) => ({
          name: `Do${index}`,
          inputType: ".questioncloud.lab.v1.Empty",
          outputType: ".questioncloud.lab.v1.Empty",
          options: guarded(access),
        })),
      },
    ],
  });
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const service = registry.getService("questioncloud.lab.v1.LabService");
  if (!service) throw new Error("The service was not made.");
  return service;
}
