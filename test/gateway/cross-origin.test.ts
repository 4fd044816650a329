import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { createRouteTable } from "#gateway/routes.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { bearer } from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import type { OwnGateway } from "../support/stack/own-gateway.ts";
import { allowedOrigin, startRefusingGateway } from "../support/stack/refusing-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";

const method = CouponService.method.listUserCoupons;
const path = `/${method.parent.typeName}/${method.name}`;
const foreignOrigin = "https://evil.example";

describe("a page on another origin", () => {
  let stack: Stack;
  let gateway: OwnGateway;
  let token: string;

  before(async () => {
    stack = await sharedStack();
    gateway = await startRefusingGateway(stack);
    token = await signAccessToken(stack, { userId: 7n });
  });
  after(() => gateway?.stop());

  const preflight = (url: string, origin: string) =>
    fetch(url, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,connect-protocol-version",
      },
    });

  it("may send what clients and traces need, but not what states who it is", async () => {
    const { status, headers } = await preflight(gateway.url + path, allowedOrigin);
    expect(status).to.equal(200);
    expect(headers.get("access-control-allow-origin")).to.equal(allowedOrigin);
    expect(headers.get("access-control-allow-credentials")).to.equal("true");
    expect(headers.get("access-control-allow-methods")).to.equal("GET, POST");
    const allowed = headers.get("access-control-allow-headers")?.split(", ");
    expect(allowed).to.include.members([
      "authorization",
      "content-type",
      "connect-protocol-version",
      "connect-timeout-ms",
      "grpc-timeout",
      "x-grpc-web",
      "x-user-agent",
      "traceparent",
      "tracestate",
      "baggage",
    ]);
    expect(allowed).not.to.include.members(["x-service-token"]);
  });

  it("gets a preflight answered by the gateway for every path of an RPC, so that it can read a refusal", async () => {
    const unknown = "/questioncloud.none.v1.NoService/Nothing";
    for (const each of [...createRouteTable().rpc.map(route => route.path), unknown]) {
      const { status, headers } = await preflight(gateway.url + each, allowedOrigin);
      expect([status, headers.get("access-control-allow-origin")], each).to.deep.equal([200, allowedOrigin]);
    }
  });

  it("gets nothing allowed if its origin is unknown", async () => {
    const { headers } = await preflight(gateway.url + path, foreignOrigin);
    expect(headers.get("access-control-allow-origin")).to.equal(null);
  });

  it("can read answers if its origin is known, and no cache gives them to another", async () => {
    for (const [origin, allowed] of [
      [allowedOrigin, allowedOrigin],
      [foreignOrigin, null],
    ] as const) {
      for (const verb of ["GET", "POST"]) {
        const response = await fetch(gateway.url + path, {
          method: verb,
          headers: { ...bearer(token), origin, "content-type": "application/json" },
          ...(verb === "POST" && { body: "{}" }),
        });
        expect(response.status).to.equal(200);
        expect(response.headers.get("access-control-allow-origin"), origin).to.equal(allowed);
        expect(response.headers.get("vary")).to.equal("origin");
      }
    }
  });

  for (const [origin, allowed] of [
    ["http://localhost", true],
    ["http://localhost:5173", true],
    ["http://127.0.0.1:3000", true],
    ["http://[::1]:8080", true],
    ["https://localhost:5173", false],
    ["http://localhost.evil.example", false],
    ["http://localhost:5173.evil.example", false],
    ["http://127.0.0.1.evil.example:80", false],
    ["http://127a0b0c1", false],
    ["http://localhost:", false],
    ["null", false],
  ] as const) {
    it(`${allowed ? "may" : "may not"} call a local stack from ${origin}`, async () => {
      const { headers } = await preflight(stack.gatewayUrl + path, origin);
      expect(headers.get("access-control-allow-origin")).to.equal(allowed ? origin : null);
    });
  }
});

describe("GATEWAY_ALLOWED_ORIGINS", () => {
  const read = (value?: string) => readEnvoyOptions({ GATEWAY_ALLOWED_ORIGINS: value }).allowedOrigins;

  it("allows no origin by default", () => {
    expect(read()).to.deep.equal([]);
    expect(read("")).to.deep.equal([]);
  });

  it("is a list of origins, each with one port or all", () => {
    const value = "https://app.example, http://localhost:*,http://[::1]:5173";
    expect(read(value)).to.deep.equal(["https://app.example", "http://localhost:*", "http://[::1]:5173"]);
  });

  for (const wrong of [
    "*",
    "app.example",
    "https://app.example/",
    "https://APP.example",
    "https://app.example:443",
    "https://*.app.example",
    "https://app.example/path:*",
    "null",
    "ftp://app.example",
  ]) {
    it(`refuses ${wrong}, which no browser would send`, () => {
      expect(() => read(wrong)).to.throw(
        "GATEWAY_ALLOWED_ORIGINS must be origins, as in https://app.example",
      );
    });
  }
});
