import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Code } from "#gen/google/rpc/code_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { methodName, policyOf } from "#kit/contract/policy.ts";
import { type Listeners, startListeners, unluckyToken } from "../support/rpc/listeners.ts";
import { frame, readPath, validMessage } from "../support/rpc/malformed/call.ts";
import { type RawAnswer, readRefusal } from "../support/rpc/raw-calls.ts";

const { listUserCoupons } = CouponService.method;
const late = { authorization: "Bearer x", "grpc-timeout": "50m", "connect-timeout-ms": "50" };

describe("the listeners of a service serve", () => {
  let listeners: Listeners;

  before(async () => {
    listeners = await startListeners();
  });
  after(() => listeners?.stop());

  const json = { "content-type": "application/json" };
  const grpcHeaders = { "content-type": "application/grpc", te: "trailers" };
  const remainingMs = (answer: RawAnswer) => Number(JSON.parse(answer.body.toString()).nextPageToken);

  it("a call that does not name the version of the protocol, with underscores in its headers", async () => {
    const headers = { x_under_score: "1" };
    const answer = await listeners.http({ path: readPath, headers: { ...headers, ...json }, body: "{}" });
    expect(answer.status).to.equal(200);
    const { trailers } = await listeners.grpc({
      path: readPath,
      headers: { ...headers, ...grpcHeaders },
      body: frame(validMessage),
    });
    expect(trailers.get("grpc-status")).to.equal("0");
  });

  it("a call that expects what HTTP does not know", async () => {
    const headers = { ...json, expect: "the-unexpected" };
    expect((await listeners.http({ path: readPath, headers, body: "{}" })).status).to.equal(200);
  });

  it("HEAD wherever GET is served", async () => {
    for (const path of [`${readPath}?encoding=json&message=%7B%7D`, "/.well-known/jwks.json"]) {
      const { status, body, headers } = await listeners.http({ verb: "HEAD", path });
      expect([status, body.byteLength, headers.get("content-type")]).to.deep.equal([
        200,
        0,
        "application/json",
      ]);
    }
  });

  it("the whole shape of a fault where an answer cannot be encoded, which is logged once with its cause", async () => {
    const path = `/${methodName(NotificationService.method.getUnreadCount)}`;
    const binary = { "content-type": "application/proto" };
    const authorization = `Bearer ${unluckyToken}`;
    for (const answer of [
      await listeners.http({ path, headers: { ...binary, authorization } }),
      await listeners.grpc({
        path,
        headers: { ...grpcHeaders, authorization },
        body: frame(new Uint8Array()),
      }),
    ]) {
      const requestId = answer.headers.get("x-request-id") ?? "";
      const refusal = readRefusal(answer);
      expect(refusal).to.include({ code: "Internal", reason: "INTERNAL_SERVER_ERROR", requestId });
      expect(JSON.stringify(refusal), "it says nothing of the cause").not.to.include("unread");
      const faults = listeners.faults().filter(line => line.requestId === requestId);
      expect(faults).to.have.length(1);
      expect(JSON.stringify(faults)).to.include("unread_count");
    }
  });

  it("no longer than until the deadline a call whose body does not come", async () => {
    const session = connectHttp2(listeners.grpcUrl).on("error", () => {});
    const headers = { ...grpcHeaders, authorization: "Bearer x", "grpc-timeout": "200m" };
    const stream = session.request({ ":method": "POST", ":path": readPath, ...headers });
    stream.write(frame(validMessage).subarray(0, 3));
    const [head] = await once(stream, "response");
    session.destroy();
    expect(String(head["grpc-status"])).to.equal("4");
    const { hostname, port } = new URL(listeners.httpUrl);
    const socket = connectTcp(Number(port), hostname);
    const lines = ["host: a", "authorization: Bearer x", "content-type: application/json"];
    const more = ["content-length: 10", "connect-timeout-ms: 200"];
    socket.write(`POST ${readPath} HTTP/1.1\r\n${[...lines, ...more].join("\r\n")}\r\n\r\n{`);
    const [answer] = await once(socket, "data");
    socket.destroy();
    expect(String(answer)).to.match(/^HTTP\/1\.1 504 .*DEADLINE_EXCEEDED/s);
  });

  for (const timeout of ["2147483647", "2147483648", "4294967296", "9999999999"]) {
    it(`a call with the Connect timeout ${timeout} until the deadline of its method`, async () => {
      const answer = await listeners.http({
        path: readPath,
        headers: { ...json, "connect-timeout-ms": timeout },
        body: "{}",
      });
      expect(remainingMs(answer)).to.be.within(1, policyOf(listUserCoupons).deadlineMs);
    });
  }

  for (const timeout of ["2147484S", "99999999S", "99999999H", "4294968S", "99999999M"]) {
    it(`a call with the gRPC timeout ${timeout} until the deadline of its method`, async () => {
      const headers = { "grpc-timeout": timeout };
      const overGrpc = await listeners.grpc({
        path: readPath,
        headers: { ...headers, ...grpcHeaders },
        body: frame(validMessage),
      });
      expect(overGrpc.trailers.get("grpc-status")).to.equal("0");
      const web = await listeners.http({
        path: readPath,
        headers: { ...headers, "content-type": "application/grpc-web+json" },
        body: frame(Buffer.from("{}")),
      });
      const length = web.body.readUInt32BE(1);
      const remaining = remainingMs({ ...web, body: web.body.subarray(5, 5 + length) });
      expect(remaining).to.be.within(1, policyOf(listUserCoupons).deadlineMs);
    });
  }

  it("no call whose gRPC timeout has passed before it is started", async () => {
    const ended = await listeners.grpc({
      path: readPath,
      headers: { ...grpcHeaders, "grpc-timeout": "1n" },
      body: frame(validMessage),
    });
    expect(readRefusal(ended)).to.include({ reason: "DEADLINE_EXCEEDED" });
  });

  it("no call whose request has not come by its deadline", async () => {
    const session = connectHttp2(listeners.grpcUrl);
    const stream = session.request({ ":method": "POST", ":path": readPath, ...late, ...grpcHeaders });
    stream.write(frame(validMessage).subarray(0, 3));
    const [answer] = await once(stream, "response");
    session.destroy();
    expect(answer["grpc-status"]).to.equal(Code.DEADLINE_EXCEEDED.toString());
    const { hostname, port } = new URL(listeners.httpUrl);
    const headers = { ...json, ...late, "content-length": "100" };
    const request = httpRequest({ hostname, port, method: "POST", path: readPath, headers });
    request.write("{");
    const [response] = await once(request, "response");
    request.destroy();
    expect(response.statusCode).to.equal(504);
  });

  for (const [type, parts] of [
    ["application/grpc-web-text", [frame(validMessage)]],
    ["application/grpc-web-text+proto", [frame(validMessage)]],
    // Clients encode each frame for itself, or each part of one.
    ["application/grpc-web-text", [frame(validMessage).subarray(0, 4), frame(validMessage).subarray(4)]],
  ] as const) {
    it(`${type} in ${parts.length} parts of base64`, async () => {
      const body = parts.map(part => Buffer.from(part).toString("base64")).join("");
      const answer = await listeners.http({ path: readPath, headers: { "content-type": type }, body });
      expect([answer.status, answer.headers.get("content-type")]).to.deep.equal([
        200,
        "application/grpc-web-text+proto",
      ]);
      expect(readRefusal(answer)).to.equal(undefined);
      const bytes = Buffer.from(answer.body.toString(), "base64");
      const message = fromBinary(listUserCoupons.output, bytes.subarray(5, 5 + bytes.readUInt32BE(1)));
      expect(Number(message.nextPageToken)).to.be.above(0);
    });
  }
});
