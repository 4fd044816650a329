import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { create, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { protoServices, serversOf } from "#kit/contract/contracts.ts";
import { reasonName, refusalOf } from "#kit/contract/failure.ts";
import { policyOf } from "#kit/contract/policy.ts";
import { signUpAdmin } from "../support/market/people.ts";
import {
  bearer,
  type Caller,
  callerKinds,
  codeName,
  createCaller,
  schemeSpellings,
} from "../support/rpc/callers.ts";
import { forgeAccessTokens, signAccessToken, signServiceToken } from "../support/rpc/forged-tokens.ts";
import type { Refusal } from "../support/rpc/refusal.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { startRefusingGateway } from "../support/stack/refusing-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { findUnusedAddresses } from "../support/stack/upstreams.ts";

const onUnreachable = ProfileService.method.getProfile;
const onSilent = PointService.method.getWallet;
const onLive = CouponService.method.listUserCoupons;

const tooLong = "x".repeat(70_000);

describe("the gateway refuses", () => {
  let stack: Stack;
  let gateway: OwnGateway;
  let userToken: string;
  let adminToken: string;

  before(async () => {
    stack = await sharedStack();
    gateway = await startRefusingGateway(stack);
    userToken = await signAccessToken(stack, { userId: 7n });
    ({ token: adminToken } = await signUpAdmin(stack));
  });
  after(() => gateway?.stop());

  for (const kind of callerKinds) {
    describe(`to ${kind}`, () => {
      let caller: Caller;
      before(() => {
        caller = createCaller(kind, gateway.url);
      });
      after(() => caller?.close());

      const refused = async (method: DescMethodUnary, token: string | undefined, request?: Message) => {
        const { refusal } = await caller.call(method, request, { headers: bearer(token) });
        return refusal;
      };

      it("no valid call", async () => {
        expect(await refused(onLive, userToken)).to.equal(undefined);
      });

      it("a call without a token", async () => {
        expectRefusal(await refused(onLive, undefined), Reason.UNAUTHORIZED_TOKEN);
      });

      it("every forged token, whether the method needs one or not", async () => {
        for (const [flaw, token] of Object.entries(await forgeAccessTokens(stack, 7n))) {
          expectRefusal(await refused(onLive, token), Reason.UNAUTHORIZED_TOKEN, flaw);
          expectRefusal(await refused(AuthService.method.logout, token), Reason.UNAUTHORIZED_TOKEN, flaw);
        }
      });

      it("a forged token, however its scheme is spelled", async () => {
        const { "has expired": token } = await forgeAccessTokens(stack, 7n);
        for (const scheme of schemeSpellings) {
          for (const method of [onLive, AuthService.method.logout]) {
            const { refusal } = await caller.call(method, undefined, {
              headers: { authorization: scheme + token },
            });
            expectRefusal(refusal, Reason.UNAUTHORIZED_TOKEN, scheme);
          }
        }
      });

      it("every internal method, whatever the token", async () => {
        for (const method of internalMethods()) {
          const [callee = ""] = serversOf(method.parent);
          const [signer = ""] = policyOf(method).callers;
          const stolen = await signServiceToken(stack, { signer, callee, userId: 7n });
          const headers = { ...bearer(adminToken), "x-service-token": stolen };
          const { refusal } = await caller.call(method, undefined, { headers });
          expectRefusal(refusal, Reason.METHOD_NOT_FOUND, method.name);
        }
      });

      it("a method that does not exist", async () => {
        const unknown = { ...onLive, name: "ListNothing" } as DescMethodUnary;
        expectRefusal(await refused(unknown, userToken), Reason.METHOD_NOT_FOUND);
      });

      it("a body that is too large", async () => {
        const { endCoupon } = CouponAdminService.method;
        const request = create(endCoupon.input, { couponId: 1n, reason: tooLong });
        expectRefusal(await refused(endCoupon, adminToken, request), Reason.REQUEST_TOO_LARGE);
      });

      it("a call above the rate limit", async () => {
        await refused(AuthService.method.login, undefined);
        const refusal = await refused(AuthService.method.login, undefined);
        expectRefusal(refusal, Reason.RATE_LIMITED);
        expect(refusal?.retryAfterMs).to.equal(1000);
      });

      it("a call to a service that is unreachable", async () => {
        expectRefusal(await refused(onUnreachable, userToken), Reason.SERVICE_UNAVAILABLE);
      });

      it("a call that the service does not answer in time", async () => {
        expectRefusal(await refused(onSilent, userToken), Reason.DEADLINE_EXCEEDED);
      });
    });
  }

  it("a token while its keys are unavailable, but not a call without one", async () => {
    const [unused] = (await findUnusedAddresses()).http;
    const keyless = await startOwnGateway(stack, {
      jwks: { host: "127.0.0.1", port: unused?.port ?? 0, path: "/.well-known/jwks.json" },
    });
    try {
      for (const kind of callerKinds) {
        const caller = createCaller(kind, keyless.url);
        const { refusal } = await caller.call(onLive, undefined, { headers: bearer(userToken) });
        expectRefusal(refusal, Reason.SERVICE_UNAVAILABLE, kind);
        const open = await caller.call(AuthService.method.logout);
        expect(open.refusal, kind).to.equal(undefined);
        caller.close();
      }
    } finally {
      await keyless.stop();
    }
  });

  it("a unary Connect call, with the request id in the JSON", async () => {
    const answer = await fetch(`${gateway.url}/${onLive.parent.typeName}/${onLive.name}`, {
      method: "POST",
      headers: { "content-type": "application/json", "connect-protocol-version": "1" },
      body: "{}",
    });
    const { details } = (await answer.json()) as { details: { type: string; debug?: object }[] };
    const info = details.find(({ type }) => type === "google.rpc.RequestInfo");
    expect(info?.debug).to.include({ requestId: answer.headers.get("x-request-id") });
  });

  it("a protocol to upgrade to", async () => {
    const headers = { connection: "Upgrade", upgrade: "websocket", ...bearer(userToken) };
    const [answer] = (await once(request(gateway.url, { headers }).end(), "response")) as [IncomingMessage];
    const body = JSON.parse(Buffer.concat(await answer.toArray()).toString());
    expect([answer.statusCode, body.code]).to.deep.equal([400, "invalid_argument"]);
  });

  it("a URL that is too long", async () => {
    const caller = createCaller("connect-web GET", gateway.url);
    const request = create(onLive.input, { pageToken: tooLong });
    const { refusal } = await caller.call(onLive, request, { headers: bearer(userToken) });
    expectRefusal(refusal, Reason.REQUEST_TOO_LARGE);
  });
});

function internalMethods(): DescMethodUnary[] {
  return protoServices
    .flatMap(service => service.methods as DescMethodUnary[])
    .filter(method => policyOf(method).access === Access.INTERNAL);
}

function expectRefusal(refusal: Refusal | undefined, reason: Reason, about?: string): void {
  const { code, en, ko } = refusalOf(reason);
  expect(refusal, about).to.include({
    reason: reasonName(reason),
    domain: "questioncloud",
    code: codeName(code),
    text: en,
    locale: "ko-KR",
    localizedText: ko,
  });
}
