import { expect } from "chai";
import { answerLocally, requestIds } from "../support/rpc/local-reply.ts";
import { manager } from "../support/rpc/rendered-gateway.ts";

describe("the gateway's own refusals", () => {
  const mappers = manager.local_reply_config.mappers;
  const expected = [
    { status: 400, reason: "BAD_REQUEST", code: 3, http: 400 },
    { status: 401, reason: "UNAUTHORIZED_TOKEN", code: 16, http: 401 },
    { status: 403, reason: "UNAUTHORIZED_TOKEN", code: 16, http: 401 },
    { status: 403, details: "upgrade_failed", reason: "BAD_REQUEST", code: 3, http: 400 },
    { status: 404, reason: "METHOD_NOT_FOUND", code: 12, http: 404 },
    { status: 405, reason: "HTTP_METHOD_NOT_ALLOWED", code: 12, http: 405 },
    { status: 408, reason: "DEADLINE_EXCEEDED", code: 4, http: 504 },
    { status: 413, reason: "REQUEST_TOO_LARGE", code: 8, http: 429 },
    { status: 429, reason: "RATE_LIMITED", code: 8, http: 429, retryAfterSeconds: 1 },
    { status: 431, reason: "REQUEST_TOO_LARGE", code: 8, http: 429 },
    { status: 500, reason: "INTERNAL_SERVER_ERROR", code: 13, http: 500 },
    { status: 502, reason: "SERVICE_UNAVAILABLE", code: 14, http: 503, retryAfterSeconds: 1 },
    { status: 503, reason: "SERVICE_UNAVAILABLE", code: 14, http: 503, retryAfterSeconds: 1 },
    { status: 504, reason: "DEADLINE_EXCEEDED", code: 4, http: 504 },
    {
      status: 401,
      details: "jwt{Jwks_remote_fetch_is_failed}",
      reason: "SERVICE_UNAVAILABLE",
      code: 14,
      http: 503,
      retryAfterSeconds: 1,
    },
  ];
  const unary = ["application/json", "application/proto", undefined];
  const streams = ["application/connect+json", "application/connect+proto"];
  const grpcWeb = ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text"];
  const grpc = ["application/grpc", "application/grpc+proto"];
  const contentTypes = [...unary, ...streams, ...grpcWeb, ...grpc];

  for (const { status, details = "", reason, code, http, retryAfterSeconds } of expected) {
    it(`give ${reason} for ${details || status} in the caller's protocol and language`, () => {
      for (const contentType of contentTypes) {
        const korean = answerLocally(mappers, { status, contentType, details });
        expect(korean, contentType).to.include({ code, reason, domain: "questioncloud", locale: "ko-KR" });
        expect(korean.localized).to.match(/[가-힣]/);
        expect(korean.message).not.to.equal("");
        const english = answerLocally(mappers, { status, contentType, details, language: "en" });
        const { headers, ...same } = { ...korean, locale: "en-US", localized: korean.message };
        expect(english, contentType).to.deep.include(same).and.have.property("headers").with.keys(headers);
        const plain = unary.includes(contentType);
        expect([korean.requestId, korean.traceId]).to.deep.equal(
          plain ? Object.values(requestIds) : [undefined, undefined],
        );
        expect(korean.httpStatus).to.equal(plain ? http : grpc.includes(contentType ?? "") ? undefined : 200);
      }
    });

    it(`say in details and headers when to retry after ${reason} for ${details || status}`, () => {
      for (const contentType of contentTypes) {
        const answer = answerLocally(mappers, { status, contentType, details });
        expect(answer.retryAfterSeconds, contentType).to.equal(retryAfterSeconds);
        expect(answer.headers["retry-after"], contentType).to.equal(retryAfterSeconds?.toString());
      }
    });
  }

  it("do not repeat the URL in a challenge", () => {
    for (const contentType of contentTypes) {
      const { headers } = answerLocally(mappers, { status: 401, contentType, details: "" });
      expect(headers["www-authenticate"]).to.equal("Bearer");
    }
  });
});
