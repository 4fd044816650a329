import { isIP } from "node:net";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import {
  bearer,
  type CallerKind,
  callerKinds,
  createCaller,
  schemeSpellings,
} from "../support/rpc/callers.ts";
import { signAccessToken, signServiceToken } from "../support/rpc/forged-tokens.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { type Recorder, startRecorder } from "../support/stack/upstreams.ts";

const method = CouponService.method.listUserCoupons;
const path = `/${method.parent.typeName}/${method.name}`;

describe("headers at the gateway", () => {
  let stack: Stack;
  let gateway: OwnGateway;
  let recorder: Recorder;
  let token: string;

  before(async () => {
    stack = await sharedStack();
    recorder = await startRecorder();
    const { services } = readEnvoyOptions(stack.env);
    gateway = await startOwnGateway(stack, {
      services: { ...services, coupon: recorder.addresses },
      site: recorder.addresses.http[0] ?? { host: "", port: 0 },
    });
    token = await signAccessToken(stack, { userId: 7n });
  });
  after(async () => {
    await gateway?.stop();
    await recorder?.stop();
  });

  async function arrivingFrom(kind: CallerKind, headers: Record<string, string>) {
    const caller = createCaller(kind, gateway.url);
    const { refusal } = await caller.call(method, undefined, { headers: { ...bearer(token), ...headers } });
    caller.close();
    expect(refusal, kind).to.equal(undefined);
    return recorder.seen.at(-1) ?? {};
  }

  it("headers that state who the caller is are removed", async () => {
    const stolen = await signServiceToken(stack, { signer: "pay", callee: "coupon", userId: 1n });
    const identity = {
      "x-service-token": stolen,
      "x-user-id": "1",
      "x-user-role": "ADMIN",
      "x-jwt-payload": Buffer.from('{"sub":"1","role":"ADMIN"}').toString("base64url"),
      "x-questioncloud-user": "1",
      "x-real-ip": "203.0.113.9",
      forwarded: "for=203.0.113.9",
      "x-forwarded-client-cert": "URI=spiffe://questioncloud/pay",
      "x-envoy-original-path": "/admin",
      "x-envoy-upstream-rq-timeout-ms": "1",
    };
    for (const kind of callerKinds) {
      const arrived = await arrivingFrom(kind, identity);
      for (const name of Object.keys(identity)) {
        expect(arrived, `${kind}: ${name}`).not.to.have.property(name);
      }
      expect(arrived.authorization, kind).to.equal(`Bearer ${token}`);
    }
  });

  it("headers that state where the caller is are replaced", async () => {
    for (const kind of callerKinds) {
      const arrived = await arrivingFrom(kind, {
        "x-forwarded-for": "203.0.113.9, 198.51.100.1",
        "x-forwarded-host": "evil.example",
      });
      expect(arrived["x-forwarded-for"], kind)
        .to.satisfy(isIP)
        .and.not.match(/^(203\.0\.113|198\.51\.100)\./);
      expect(arrived["x-forwarded-host"], kind).to.equal(undefined);
    }
  });

  it("the language and the deadline are forwarded", async () => {
    const arrived = await arrivingFrom("connect-web", { "accept-language": "en-US" });
    expect(arrived["accept-language"]).to.equal("en-US");
    const caller = createCaller("connect-web", gateway.url);
    await caller.call(method, undefined, { headers: bearer(token), timeoutMs: 2500 });
    expect(recorder.seen.at(-1)?.["connect-timeout-ms"]).to.equal("2500");
  });

  it("a trace of the caller continues, and the gateway assigns the request id", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const arrived = await arrivingFrom("connect-web", { traceparent, "x-request-id": "mine" });
    expect(arrived.traceparent).to.equal(traceparent);
    expect(arrived["x-request-id"]).to.match(/^[0-9a-f-]{36}$/);
  });

  it("names with an underscore are dropped, and the call is answered", async () => {
    for (const kind of callerKinds) {
      const arrived = await arrivingFrom(kind, { x_user_id: "1", "x-kept": "1" });
      expect(arrived, kind).to.have.property("x-kept");
      expect(arrived, kind).not.to.have.any.keys("x_user_id", "x-user-id");
    }
  });

  it("a token is accepted and forwarded in one spelling, however its scheme is spelled", async () => {
    for (const kind of callerKinds) {
      for (const scheme of schemeSpellings) {
        const arrived = await arrivingFrom(kind, { authorization: scheme + token });
        expect(arrived.authorization, `${kind} ${scheme}`).to.equal(`Bearer ${token}`);
      }
    }
  });

  it("are all that HEAD gets from a service", async () => {
    const before = recorder.seen.length;
    const answer = await fetch(gateway.url + path, { method: "HEAD", headers: bearer(token) });
    expect([answer.status, await answer.text()]).to.deep.equal([200, ""]);
    expect(recorder.seen.length).to.equal(before + 1);
  });

  it("cookies and tokens are not forwarded to the site", async () => {
    await fetch(`${gateway.url}/login`, { headers: { ...bearer(token), cookie: "refresh_token=secret" } });
    expect(recorder.seen.at(-1)).to.not.have.any.keys("authorization", "cookie");
  });

  it("the access log has caller and method but no query and no token", async () => {
    const caller = createCaller("connect-web GET", gateway.url);
    const request = create(method.input, { pageToken: "secret-page-token" });
    const { headers } = await caller.call(method, request, { headers: bearer(token) });
    await fetch(`${gateway.url}/activate?token=activation-secret`);
    const id = headers.get("x-request-id");
    await gateway.logLines(line => line.path === "/activate");
    const lines = await gateway.logLines(line => line.request_id === id);
    expect(lines.find(line => line.request_id === id)).to.include({
      method: "GET",
      path,
      status: 200,
      client_address: "127.0.0.1",
      user_id: "7",
    });
    const raw = gateway.rawLog();
    const [, payload = "", signature = ""] = token.split(".");
    for (const secret of ["secret-page-token", "activation-secret", "?", payload, signature, "Bearer"]) {
      expect(raw).not.to.include(secret);
    }
  });
});
