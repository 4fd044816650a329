import { create, type DescMethodUnary, type Message } from "@bufbuild/protobuf";
import { expect } from "chai";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CouponAdminService, CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { Access } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { AuthService, ProfileService } from "#gen/questioncloud/user/v1/user_pb.ts";
import { reasonName, refusalOf } from "#kit/failure.ts";
import { policyOf } from "#kit/policy.ts";
import type { Stack } from "../dev/stack.ts";
import { protoServices } from "../gateway/contracts.ts";
import { defaultRates } from "../gateway/envoy/options.ts";
import { bearer, type Caller, callerKinds, codeName, createCaller } from "./support/callers.ts";
import { forgeAccessTokens, signAccessToken, signMeshToken } from "./support/forged-tokens.ts";
import { type OwnGateway, startOwnGateway } from "./support/own-gateway.ts";
import type { Refusal } from "./support/refusal.ts";
import { sharedStack } from "./support/stack.ts";
import { findDeadAddresses, startRecorder, startSilence, type Upstream } from "./support/upstreams.ts";

// Behind this gateway user is dead, point is silent, and coupon answers whatever it is asked. So what is refused here was refused by Envoy.
const onDead = ProfileService.method.getProfile;
const onSilent = PointService.method.getWallet;
const onLive = CouponService.method.listUserCoupons;

const tooLong = "x".repeat(70_000);

describe("the gateway refuses by itself", () => {
  let stack: Stack;
  let gateway: OwnGateway;
  let upstreams: (Upstream & { seen?: unknown[] })[];
  let userToken: string;
  let adminToken: string;

  before(async () => {
    stack = await sharedStack();
    const recorder = await startRecorder();
    const silence = await startSilence();
    upstreams = [recorder, silence];
    const dead = await findDeadAddresses();
    gateway = await startOwnGateway(stack, {
      timeoutMs: 300,
      services: {
        ...Object.fromEntries(Object.keys(stack.ports.services).map(name => [name, dead])),
        coupon: recorder.addresses,
        point: silence.addresses,
      },
      rates: { ...defaultRates, secret: { requests: 1, perSeconds: 60 } },
    });
    userToken = await signAccessToken(stack, { userId: 7n });
    adminToken = await signAccessToken(stack, { userId: 7n, role: "ADMIN" });
  });
  after(async () => {
    await gateway?.stop();
    await Promise.all((upstreams ?? []).map(upstream => upstream.stop()));
  });

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

      it("nothing that is right", async () => {
        expect(await refused(onLive, userToken)).to.equal(undefined);
      });

      it("a call without a token", async () => {
        expectRefusal(await refused(onLive, undefined), Reason.UNAUTHORIZED_TOKEN);
      });

      it("every forged token, where one is needed and where none is", async () => {
        for (const [flaw, token] of Object.entries(await forgeAccessTokens(stack, 7n))) {
          expectRefusal(await refused(onLive, token), Reason.UNAUTHORIZED_TOKEN, flaw);
          expectRefusal(await refused(AuthService.method.logout, token), Reason.UNAUTHORIZED_TOKEN, flaw);
        }
      });

      it("every method of the mesh, whatever token is shown", async () => {
        for (const method of meshMethods()) {
          const callee = method.parent.file.proto.package.split(".")[1] ?? "";
          const [signer = ""] = policyOf(method).callers;
          const stolen = await signMeshToken(stack, { signer, callee, userId: 7n });
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

      it("the call after the last that the rate allows", async () => {
        await refused(AuthService.method.login, undefined);
        const refusal = await refused(AuthService.method.login, undefined);
        expectRefusal(refusal, Reason.RATE_LIMITED);
        expect(refusal?.retryAfterMs).to.equal(1000);
      });

      it("a call to a service that is away", async () => {
        expectRefusal(await refused(onDead, userToken), Reason.SERVICE_UNAVAILABLE);
      });

      it("to wait for a service that does not answer", async () => {
        expectRefusal(await refused(onSilent, userToken), Reason.DEADLINE_EXCEEDED);
      });
    });
  }

  it("to judge a token while the keys cannot be had", async () => {
    const [nobody] = (await findDeadAddresses()).http;
    const blind = await startOwnGateway(stack, {
      jwks: { host: "127.0.0.1", port: nobody?.port ?? 0, path: "/.well-known/jwks.json" },
    });
    try {
      for (const kind of callerKinds) {
        const caller = createCaller(kind, blind.url);
        const { refusal } = await caller.call(onLive, undefined, { headers: bearer(userToken) });
        expectRefusal(refusal, Reason.SERVICE_UNAVAILABLE, kind);
        const open = await caller.call(AuthService.method.logout);
        expect(open.refusal, kind).to.equal(undefined);
        caller.close();
      }
    } finally {
      await blind.stop();
    }
  });

  it("an address that is too long", async () => {
    const caller = createCaller("connect-web GET", gateway.url);
    const request = create(onLive.input, { pageToken: tooLong });
    const { refusal } = await caller.call(onLive, request, { headers: bearer(userToken) });
    expectRefusal(refusal, Reason.REQUEST_TOO_LARGE);
  });
});

function meshMethods(): DescMethodUnary[] {
  return protoServices
    .flatMap(service => service.methods as DescMethodUnary[])
    .filter(method => policyOf(method).access === Access.MESH);
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
