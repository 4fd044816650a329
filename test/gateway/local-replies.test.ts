import { expect } from "chai";
import { answerLocally, requestIds } from "../support/rpc/envoy-config.ts";
import { manager } from "../support/rpc/rendered-gateway.ts";

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
    it(`give ${reason} for ${details ?? status} in the caller's protocol`, () => {
      for (const contentType of [...unary, ...streams, ...grpcWeb, ...grpc]) {
        const answer = answerLocally(mappers, { status, contentType, details: details ?? "" });
        expect(answer, contentType).to.include({ code, reason, domain: "questioncloud", locale: "ko-KR" });
        expect(answer.localized).to.match(/[가-힣]/);
        expect(answer.message).not.to.equal("");
        const plain = unary.includes(contentType);
        expect([answer.requestId, answer.traceId]).to.deep.equal(
          plain ? Object.values(requestIds) : [undefined, undefined],
        );
        expect(answer.httpStatus).to.equal(plain ? http : grpc.includes(contentType ?? "") ? undefined : 200);
      }
    });
  }

  it("say when to retry after RATE_LIMITED", () => {
    for (const contentType of [...unary, ...streams, ...grpcWeb, ...grpc]) {
      const answer = answerLocally(mappers, { status: 429, contentType, details: "" });
      expect(answer.retryAfterSeconds).to.equal(1);
    }
  });

  it("do not repeat the URL in a challenge", () => {
    for (const contentType of [...unary, ...streams, ...grpcWeb, ...grpc]) {
      const { headers } = answerLocally(mappers, { status: 401, contentType, details: "" });
      expect(headers["www-authenticate"]).to.equal("Bearer");
    }
  });
});
