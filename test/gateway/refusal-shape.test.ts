import type { DescMethodUnary } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { bearer } from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { languages } from "../support/rpc/languages.ts";
import { readStatus } from "../support/rpc/refusal.ts";
import { readStatusFromWire } from "../support/rpc/status-from-wire.ts";
import type { OwnGateway } from "../support/stack/own-gateway.ts";
import { allowedOrigin, startRefusingGateway } from "../support/stack/refusing-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";

interface Cause {
  readonly reason: string;
  readonly path: string;
  readonly verb?: string;
  readonly anonymous?: boolean;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly retryAfter?: string;
  readonly allow?: string;
  /** What the access log says of it. */
  readonly details: RegExp;
}

const pathOf = ({ parent, name }: DescMethodUnary) => `/${parent.typeName}/${name}`;
const live = pathOf(CouponService.method.listUserCoupons);

const causes: readonly Cause[] = [
  { reason: "BAD_REQUEST", path: `${live}%2Fmore`, details: /lua_response/ },
  { reason: "UNAUTHORIZED_TOKEN", path: live, anonymous: true, details: /Jwt_is_missing/ },
  { reason: "METHOD_NOT_FOUND", path: "/questioncloud.none.v1.NoService/Nothing", details: /lua_response/ },
  {
    reason: "HTTP_METHOD_NOT_ALLOWED",
    path: live,
    verb: "PUT",
    allow: "GET, HEAD, POST",
    details: /lua_response/,
  },
  {
    reason: "REQUEST_TOO_LARGE",
    path: pathOf(CouponAdminService.method.endCoupon),
    body: new Uint8Array(70_000),
    details: /request_payload_too_large|body_size_limit/,
  },
  {
    reason: "RATE_LIMITED",
    path: pathOf(AuthService.method.login),
    anonymous: true,
    retryAfter: "1",
    details: /local_rate_limited/,
  },
  {
    reason: "SERVICE_UNAVAILABLE",
    path: pathOf(ProfileService.method.getProfile),
    retryAfter: "1",
    details: /upstream_reset_before_response_started|no_healthy_upstream/,
  },
  {
    reason: "DEADLINE_EXCEEDED",
    path: pathOf(PointService.method.getWallet),
    details: /response_timeout/,
  },
];

const contentTypes = [
  "application/json",
  "application/proto",
  "application/connect+json",
  "application/connect+proto",
  "application/grpc-web+proto",
  "application/grpc-web-text",
  "application/grpc",
];

describe("a refusal of the gateway", () => {
  let gateway: OwnGateway;
  let token: string;

  before(async () => {
    const stack: Stack = await sharedStack();
    gateway = await startRefusingGateway(stack);
    token = await signAccessToken(stack, { userId: 7n });
    await send({ ...find("RATE_LIMITED") }, "application/json");
  });
  after(() => gateway?.stop());

  const find = (reason: string) => causes.find(cause => cause.reason === reason) as Cause;

  function send(cause: Cause, contentType: string, headers: Record<string, string> = {}) {
    return fetch(gateway.url + cause.path, {
      method: cause.verb ?? "POST",
      headers: {
        "content-type": contentType,
        ...(cause.anonymous ? {} : bearer(token)),
        origin: allowedOrigin,
        ...headers,
      },
      body: cause.body ?? "",
    });
  }

  async function readRefusal(response: Response) {
    const body = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get("content-type") ?? "";
    const status = readStatusFromWire(type, response.headers, body);
    return readStatus(status.code, status.message, status.details);
  }

  for (const cause of causes) {
    const { reason, retryAfter = null, allow = null, details } = cause;

    for (const contentType of contentTypes) {
      it(`${reason} has the whole shape for ${contentType}`, async () => {
        const response = await send(cause, contentType, { "accept-language": "ko;q=0.5, en" });
        const refusal = await readRefusal(response);
        expect(refusal).to.include({ reason, domain: "questioncloud", locale: "en-US" });
        expect(refusal.localizedText).to.equal(refusal.text);
        expect(refusal.retryAfterMs).to.equal(retryAfter === null ? undefined : Number(retryAfter) * 1000);
        const { headers } = response;
        expect(headers.get("retry-after")).to.equal(retryAfter);
        expect(headers.get("allow")).to.equal(allow);
        expect(headers.get("access-control-allow-origin")).to.equal(allowedOrigin);
        expect(headers.get("access-control-allow-credentials")).to.equal("true");
        expect(headers.get("access-control-expose-headers")?.split(", ")).to.include.members([
          "x-request-id",
          "retry-after",
          "grpc-status",
          "grpc-message",
          "grpc-status-details-bin",
        ]);
        expect(headers.get("vary")).to.equal("origin, accept-language");
        if (contentType === "application/json") {
          expect(refusal.requestId).to.equal(headers.get("x-request-id"));
        }
      });
    }

    it(`${reason} is found in the access log by its request id`, async () => {
      const response = await send(cause, "application/grpc-web+proto");
      const id = response.headers.get("x-request-id");
      const lines = await gateway.logLines(line => line.request_id === id);
      const line = lines.find(each => each.request_id === id);
      expect(line).to.include({ method: cause.verb ?? "POST", path: cause.path });
      expect(line?.details).to.match(details);
    });
  }

  for (const [acceptLanguage, locale] of languages) {
    it(`speaks ${locale} where the caller accepts "${acceptLanguage}"`, async () => {
      const response = await send(find("METHOD_NOT_FOUND"), "application/json", {
        "accept-language": acceptLanguage,
      });
      expect((await readRefusal(response)).locale).to.equal(locale);
    });
  }

  it("speaks Korean where the caller names no language", async () => {
    const { localizedText } = await readRefusal(await send(find("METHOD_NOT_FOUND"), "application/json"));
    expect(localizedText).to.match(/[가-힣]/);
  });
});
