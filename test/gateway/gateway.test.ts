import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import {
  type GetProfileResponse,
  ProfileService,
  type UpdateProfileResponse,
} from "#gen/questioncloud/user/v1/profile_pb.ts";
import { reasonName, refusalOf } from "#kit/contract/failure.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { bearer, type Caller, callerKinds, codeName, createCaller } from "../support/rpc/callers.ts";
import { sharedStack } from "../support/stack/stack.ts";

describe("through the gateway", () => {
  let stack: Stack;
  let url: string;
  let person: Person;

  before(async () => {
    stack = await sharedStack();
    url = stack.gatewayUrl ?? "";
    person = await signUp(stack);
  });

  for (const kind of callerKinds) {
    describe(kind, () => {
      let caller: Caller;
      before(() => {
        caller = createCaller(kind, url);
      });
      after(() => caller?.close());
      const signedIn = () => ({ headers: bearer(person.token) });

      it("calls a public method", async () => {
        const { answer, refusal } = await caller.call(StoreService.method.listCategories);
        expect(refusal).to.equal(undefined);
        expect(answer?.$typeName).to.equal("questioncloud.question.v1.ListCategoriesResponse");
      });

      it("calls a user's method, whose answer is not cached", async () => {
        const { answer, headers } = await caller.call(
          ProfileService.method.getProfile,
          undefined,
          signedIn(),
        );
        expect((answer as GetProfileResponse | undefined)?.profile?.email).to.equal(person.email);
        expect(headers.get("x-request-id")).to.match(/^[0-9a-f-]{36}$/);
        expect(headers.get("cache-control")).to.equal("private, no-store");
      });

      it("calls a method that writes", async () => {
        const { updateProfile } = ProfileService.method;
        const request = create(updateProfile.input, { name: `이름 ${kind}` });
        const { answer } = await caller.call(updateProfile, request, signedIn());
        expect((answer as UpdateProfileResponse | undefined)?.profile?.name).to.equal(`이름 ${kind}`);
      });

      it("gets the refusal of a service unchanged, in Korean or English", async () => {
        const { registerCoupon } = CouponService.method;
        const request = create(registerCoupon.input, { code: "NO-SUCH-CODE" });
        const { code, ko, en } = refusalOf(Reason.NOT_FOUND);
        const texts = { ko: ["ko-KR", ko], "en-US,en;q=0.9": ["en-US", en], fr: ["ko-KR", ko] };
        for (const [language, [locale, localizedText]] of Object.entries(texts)) {
          const headers = { ...bearer(person.token), "accept-language": language };
          const { refusal, headers: answered } = await caller.call(registerCoupon, request, { headers });
          expect(answered.get("cache-control"), language).to.equal("private, no-store");
          expect(refusal, language).to.include({
            code: codeName(code),
            reason: reasonName(Reason.NOT_FOUND),
            domain: "questioncloud",
            text: en,
            locale,
            localizedText,
          });
          expect(refusal?.requestId, language).to.match(/^[0-9a-f-]{36}$/);
          expect(refusal?.traceId, language).to.match(/^[0-9a-f]{32}$/);
        }
      });

      it("gets the fields that violate a rule", async () => {
        const { registerCoupon } = CouponService.method;
        const request = create(registerCoupon.input, { code: "!" });
        const { refusal } = await caller.call(registerCoupon, request, signedIn());
        expect(refusal).to.include({ code: "InvalidArgument", reason: "BAD_REQUEST" });
        expect(new Set(refusal?.fields)).to.deep.equal(new Set(["code"]));
      });
    });
  }

  const get = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers });
  const getPath = (message: string) =>
    `/${StoreService.typeName}/ListCategories?connect=v1&encoding=json&message=${encodeURIComponent(message)}`;

  it("caches may store anonymous answers but not personal ones", async () => {
    const anonymous = await get(getPath("{}"));
    expect(anonymous.status).to.equal(200);
    expect(anonymous.headers.get("cache-control")).to.match(/^public, max-age=\d+$/);
    expect(anonymous.headers.get("vary")?.split(/, */)).to.include.members(["authorization", "origin"]);
    const personal = await get(getPath("{}"), bearer(person.token));
    expect(personal.headers.get("cache-control")).to.equal("private, no-store");
    const refused = await get(getPath("{}"), bearer("garbage"));
    expect(refused.status).to.equal(401);
    expect(refused.headers.get("www-authenticate")).to.equal("Bearer");
    expect(refused.headers.get("cache-control") ?? "").not.to.include("public");
  });

  it("a method with side effects cannot be called with GET", async () => {
    const answer = await get(`/${ProfileService.typeName}/UpdateProfile?connect=v1&encoding=json&message={}`);
    expect(answer.status).to.equal(405);
    expect(answer.headers.get("allow")).to.equal("POST");
    expect(await answer.json()).to.include({ code: "unimplemented" });
  });

  it("a form on another site cannot call any method, and JSON can, without naming the protocol", async () => {
    const answer = await fetch(`${url}/${StoreService.typeName}/ListCategories`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "{}",
    });
    expect(answer.status).to.equal(415);
    // JSON is what a page may send only after a preflight, so that its protocol need not be named.
    const json = await fetch(`${url}/${StoreService.typeName}/ListCategories`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(json.status).to.equal(200);
  });

  it("HEAD gets the headers of GET, and no body", async () => {
    for (const path of [getPath("{}"), "/.well-known/jwks.json", "/", "/openapi.json"]) {
      const [full, head] = await Promise.all([get(path), fetch(url + path, { method: "HEAD" })]);
      expect([head.status, await head.text()], path).to.deep.equal([200, ""]);
      for (const name of ["content-type", "cache-control", "vary"]) {
        expect(head.headers.get(name), `${name} of ${path}`).to.equal(full.headers.get(name));
      }
    }
  });

  it("the plain routes and the site are reachable", async () => {
    const keys = await get("/.well-known/jwks.json");
    expect(((await keys.json()) as { keys: object[] }).keys).not.to.have.length(0);
    const webhook = await fetch(`${url}/webhooks/toss`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ eventType: "PAYMENT_STATUS_CHANGED", data: { orderId: crypto.randomUUID() } }),
    });
    expect(webhook.status).to.equal(200);
    const misused = await get("/webhooks/toss");
    expect([misused.status, misused.headers.get("allow")]).to.deep.equal([405, "POST"]);
    const { openapi } = (await (await get("/openapi.json")).json()) as { openapi: string };
    expect(openapi).to.equal("3.1.0");
    for (const path of ["/", "/login", "/explorer", "/activate", "/healthz"]) {
      expect((await get(path)).status, path).to.equal(200);
    }
  });

  it("probes, metrics and the admin interface are not reachable", async () => {
    for (const path of ["/metrics", "/config_dump", "/stats", "/clusters", "/server_info"]) {
      expect((await get(path)).status, path).to.equal(404);
    }
  });

  it("encoded paths do not reach internal methods", async () => {
    const hidden = "questioncloud.user.v1.UserDirectoryService/GetUserStatus";
    for (const path of [
      `//${hidden}`,
      `/x/../${hidden}`,
      `/x/..%2f${hidden}`,
      `/${hidden}/`,
      `/%71${hidden.slice(1)}`,
    ]) {
      const answer = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", "connect-protocol-version": "1" },
        body: '{"userId":"1"}',
      });
      expect(answer.status, path).to.be.oneOf([400, 404]);
      expect(await answer.text(), path).not.to.include("status");
    }
  });
});
