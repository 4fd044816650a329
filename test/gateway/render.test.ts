import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, createFileRegistry, type DescService, setExtension } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { parse } from "yaml";
import { root } from "#dev/stack/root.ts";
import { findEnvoy } from "#dev/stack/servers/envoy-binary.ts";
import { defaultRates } from "#gateway/envoy/options.ts";
import { renderEnvoy } from "#gateway/envoy/render.ts";
import { createRouteTable, rpcPath } from "#gateway/routes.ts";
import { Access, PolicySchema, policy, Rate } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { packageServiceOf, protoServices } from "#kit/contract/contracts.ts";
import { policyOf } from "#kit/contract/policy.ts";
import type { EnvoyRoute } from "../support/rpc/envoy-config.ts";
import { bootstrap, manager, options, table, text } from "../support/rpc/rendered-gateway.ts";

const [host] = manager.route_config.virtual_hosts;
const jwt = "envoy.filters.http.jwt_authn";

/** The first route that matches, which is the one that Envoy takes. */
function findRoute(path: string, method: string, headers: Record<string, string> = {}): EnvoyRoute {
  const all: Record<string, string> = { ":method": method, ...headers };
  const found = host.routes.find(
    ({ match }) =>
      matchesPath(match, path) && (match.headers ?? []).every(header => matches(header, all[header.name])),
  );
  if (!found) {
    throw new Error(`${path} has no route.`);
  }
  return found;
}

/** What the route that Envoy takes refuses with; undefined for one that forwards. */
function findRefusal(path: string, method: string, headers: Record<string, string> = {}) {
  return findRoute(path, method, headers).metadata?.filter_metadata["envoy.filters.http.lua"]?.refuse;
}

function matchesPath({ path, prefix = "/", safe_regex }: EnvoyRoute["match"], wanted: string): boolean {
  if (safe_regex !== undefined) {
    return new RegExp(`^(?:${safe_regex.regex})$`).test(wanted);
  }
  return path === undefined ? wanted.startsWith(prefix) : path === wanted;
}

function matches(header: NonNullable<EnvoyRoute["match"]["headers"]>[number], value: string | undefined) {
  if (header.present_match) {
    return value !== undefined;
  }
  const { safe_regex, prefix } = header.string_match ?? {};
  if (value === undefined) {
    return false;
  }
  return safe_regex ? new RegExp(`^(?:${safe_regex.regex})$`).test(value) : value.startsWith(prefix ?? "");
}

describe("the gateway's routes", () => {
  const isInternal = (service: DescService) =>
    service.methods.every(method => policyOf(method).access === Access.INTERNAL);
  const publicMethods = protoServices
    .filter(service => !isInternal(service))
    .flatMap(service => service.methods);
  const internalMethods = protoServices.filter(isInternal).flatMap(service => service.methods);

  it("send every public method to its service, by protocol", () => {
    expect(publicMethods).not.to.have.length(0);
    for (const method of publicMethods) {
      const service = packageServiceOf(method.parent.file);
      const to = (type: string) =>
        findRoute(rpcPath(method), "POST", { "content-type": type }).route?.cluster;
      expect(to("application/grpc"), rpcPath(method)).to.equal(`${service}-grpc`);
      expect(to("application/grpc+proto")).to.equal(`${service}-grpc`);
      expect(to("application/grpc-web+proto")).to.equal(`${service}-http`);
      expect(to("application/grpc-web-text")).to.equal(`${service}-http`);
      expect(to("application/json")).to.equal(`${service}-http`);
    }
  });

  it("have the timeout and the token requirement of the policy", () => {
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

  it("have a rate class with a bucket, and a body limit", () => {
    for (const { path, rate } of table.rpc) {
      const found = findRoute(path, "POST", { "content-type": "application/json" });
      expect(found.metadata?.filter_metadata.gateway?.rate).to.equal(rate);
      expect(defaultRates).to.have.property(rate);
    }
    const limits = manager.http_filters.flatMap(filter => filter.typed_config.max_request_bytes ?? []);
    expect(limits).to.deep.equal([65_536]);
  });

  it("accept GET and HEAD only for methods without side effects, and say what they accept", () => {
    for (const { path, safe } of table.rpc) {
      for (const verb of ["GET", "HEAD"]) {
        expect(findRefusal(path, verb)?.[":status"], `${verb} ${path}`).to.equal(safe ? undefined : "405");
      }
      const allow = safe ? "GET, HEAD, POST" : "POST";
      expect(findRefusal(path, "DELETE"), path).to.deep.equal({ ":status": "405", allow });
    }
    expect(findRefusal("/.well-known/jwks.json", "HEAD")).to.equal(undefined);
    expect(findRefusal("/.well-known/jwks.json", "POST")?.allow).to.equal("GET, HEAD");
    expect(findRefusal("/webhooks/toss", "GET")?.allow).to.equal("POST");
  });

  it("do not exist for internal methods", () => {
    expect(internalMethods).not.to.have.length(0);
    for (const method of internalMethods) {
      for (const type of ["application/grpc", "application/json", "application/proto"]) {
        const refusal = findRefusal(rpcPath(method), "POST", { "content-type": type });
        expect(refusal?.[":status"], rpcPath(method)).to.equal("404");
      }
      expect(text).not.to.include(method.parent.typeName);
    }
  });

  it("answer 404 to everything else that looks like an RPC, and send the rest to the site", () => {
    const status = (path: string, headers = {}) => Number(findRefusal(path, "POST", headers)?.[":status"]);
    expect(status("/questioncloud.user.v1.AuthService/Nothing")).to.equal(404);
    expect(status("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")).to.equal(404);
    expect(status("/a.B/C", { "content-type": "application/grpc" })).to.equal(404);
    expect(status("/a.B/C", { "content-type": "application/connect+json" })).to.equal(404);
    expect(status("/a.B/C", { "connect-protocol-version": "1" })).to.equal(404);
    expect(findRoute("/healthz", "GET").direct_response?.status).to.equal(200);
    expect(findRoute("/explorer", "GET").route?.cluster).to.equal("site");
    expect(findRoute("/.well-known/jwks.json", "GET").route?.cluster).to.equal("user-http");
    expect(findRoute("/webhooks/toss", "POST").route?.cluster).to.equal("point-http");
    expect(findRoute("/webhooks/another-psp", "POST").route?.cluster).to.equal("point-http");
    expect(findRoute("/webhooks/toss/more", "POST").route?.cluster).to.equal("site");
    expect(findRoute("/webhooks/", "POST").route?.cluster).to.equal("site");
    expect(status("/webhooks/toss%2Fmore")).to.equal(400);
    expect(status("/x%5cy")).to.equal(400);
  });

  it("cannot be made for a proto service that mixes public and internal methods", () => {
    expect(() => createRouteTable([createService([Access.PUBLIC, Access.INTERNAL])])).to.throw("mixes");
    expect(createRouteTable([createService([Access.INTERNAL, Access.INTERNAL])]).rpc).to.deep.equal([]);
    expect(createRouteTable([createService([Access.USER])]).rpc[0]).to.include({
      path: "/questioncloud.lab.v1.LabService/Do0",
      service: "lab",
      access: "user",
      timeoutMs: 3000,
    });
  });

  it("cannot be made for a method that streams", () => {
    const streaming = createService([Access.USER], { serverStreaming: true });
    expect(() => createRouteTable([streaming])).to.throw("LabService/Do0 streams");
  });

  it("need an address for every service", () => {
    const { point: _, ...services } = options.services;
    expect(() => renderEnvoy({ ...options, services })).to.throw("service point");
  });
});

describe("the gateway's configuration", () => {
  it("removes headers that state who the caller is", () => {
    const mutations = manager.early_header_mutation_extensions[0].typed_config.mutations;
    const removed = mutations.flatMap(({ remove }) => remove ?? []);
    expect(removed).to.include.members(["x-forwarded-for", "x-service-token", "x-jwt-payload", "x-user-id"]);
    const prefixes = mutations.flatMap(({ remove_on_match }) => remove_on_match?.key_matcher.prefix ?? []);
    expect(prefixes).to.have.members(["x-questioncloud-", "x-envoy-"]);
    expect(manager.use_remote_address).to.equal(true);
  });

  it("has neither queries nor tokens in the access log", () => {
    const fields = JSON.stringify(manager.access_log);
    expect(fields).to.include("%PATH(NQ)%");
    expect(fields).not.to.match(/%REQ\(:PATH|AUTHORIZATION|COOKIE/i);
  });

  it("means the same in both versions of YAML", () => {
    expect(parse(text, { version: "1.1" })).to.deep.equal(bootstrap);
    expect(text).not.to.match(/(^|\s)[&*][a-z]/m);
  });

  it("is accepted by Envoy", async function () {
    const bin = await findEnvoy({
      cacheDir: join(root, ".cache"),
      log: console.log,
    });
    if (!bin) {
      return this.skip();
    }
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

/** A proto service with one method per access. */
function createService(accesses: Access[], { serverStreaming = false } = {}): DescService {
  const guarded = (access: Access) => {
    const callers = access === Access.INTERNAL ? ["pay"] : [];
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
          serverStreaming,
        })),
      },
    ],
  });
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const service = registry.getService("questioncloud.lab.v1.LabService");
  if (!service) {
    throw new Error("The service was not created.");
  }
  return service;
}
