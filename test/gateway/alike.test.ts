import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { readEnvoyOptions } from "#gateway/config.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import {
  bearer,
  type Caller,
  type CallerKind,
  callerKinds,
  createCaller,
  type Outcome,
} from "../support/rpc/callers.ts";
import { signAccessToken } from "../support/rpc/forged-tokens.ts";
import { type Listeners, startListeners, waitingHandlers } from "../support/rpc/listeners.ts";
import { type OwnGateway, startOwnGateway } from "../support/stack/own-gateway.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const { registerCoupon } = CouponService.method;
const grpcKinds: readonly CallerKind[] = ["connect-node gRPC", "grpc-js"];

describe("every kind of client, directly and through the gateway,", () => {
  let stack: Stack;
  let listeners: Listeners;
  let gateway: OwnGateway;
  let headers: Record<string, string>;
  const callers = new Map<string, Caller>();

  before(async () => {
    stack = await sharedStack();
    listeners = await startListeners();
    const { services } = readEnvoyOptions(stack.env);
    gateway = await startOwnGateway(stack, { services: { ...services, coupon: listeners.addresses } });
    headers = bearer(await signAccessToken(stack, { userId: 7n }));
    for (const kind of callerKinds) {
      const direct = grpcKinds.includes(kind) ? listeners.grpcUrl : listeners.httpUrl;
      callers.set(`${kind}, direct`, createCaller(kind, direct));
      callers.set(`${kind}, gateway`, createCaller(kind, gateway.url));
    }
  });
  after(async () => {
    for (const caller of callers.values()) {
      caller.close();
    }
    await gateway?.stop();
    await listeners?.stop();
  });

  type Options = Parameters<Caller["call"]>[2];

  /** Calls in every way; returns the outcomes by the way. */
  async function callAll(code: string, options: Options = {}): Promise<[string, Outcome][]> {
    const request = create(registerCoupon.input, { code });
    const sent = { ...options, headers: { ...headers, ...options?.headers } };
    return Promise.all(
      [...callers].map(
        async ([way, caller]) => [way, await caller.call(registerCoupon, request, sent)] as const,
      ),
    ) as Promise<[string, Outcome][]>;
  }

  /** Expects that all ways see the same; returns what they see. */
  function expectAlike(outcomes: readonly [string, Outcome][]) {
    const [, first] = outcomes[0] ?? [];
    const seen = ({ answer, refusal, details }: Outcome) => ({
      isAnswered: answer !== undefined,
      refusal: refusal && { ...refusal, requestId: undefined, traceId: undefined },
      details,
    });
    for (const [way, outcome] of outcomes) {
      expect(seen(outcome), way).to.deep.equal(seen(first as Outcome));
    }
    return seen(first as Outcome);
  }

  it("gets the answer, with a request id", async () => {
    const outcomes = await callAll("SPRING");
    expect(expectAlike(outcomes).isAnswered).to.equal(true);
    for (const [way, { headers: received }] of outcomes) {
      expect(received.get("x-request-id"), way).to.match(/^[\w-]{8,}$/);
      expect(received.get("cache-control"), way).to.equal("private, no-store");
    }
  });

  for (const [language, locale] of [
    ["ko", "ko-KR"],
    ["en", "en-US"],
  ] as const) {
    it(`gets the refusal of a handler with the same bytes of details, in ${language}`, async () => {
      const outcomes = await callAll("REFUSE", { headers: { "accept-language": language } });
      const { refusal, details } = expectAlike(outcomes);
      expect(refusal).to.deep.include({
        reason: "NOT_ENOUGH_POINT",
        locale,
        fields: ["code"],
        retryAfterMs: 1500,
        metadata: { available_points: "10", note: '두 줄\n"%2F"' },
      });
      expect(details).to.have.length(4);
    });
  }

  it("gets the refusal of a rule with the same bytes of details", async () => {
    const { refusal, details } = expectAlike(await callAll("봄"));
    expect(refusal).to.include({ code: "InvalidArgument", reason: "BAD_REQUEST" });
    expect(refusal?.fields).to.include("code");
    expect(details).to.have.length(3);
  });

  it("learns nothing of the cause of a fault", async () => {
    const { refusal } = expectAlike(await callAll("FAIL"));
    expect(refusal).to.include({ code: "Internal", reason: "INTERNAL_SERVER_ERROR" });
    expect(JSON.stringify(refusal)).not.to.include("nothing of this");
  });

  it("ends at its deadline, and the handler with it", async () => {
    const outcomes = await callAll("WAIT", { timeoutMs: 400 });
    for (const [way, { refusal }] of outcomes) {
      expect(refusal?.code, way).to.equal("DeadlineExceeded");
    }
    await until(() => waitingHandlers() === 0, "no handler waits");
  });

  it("hangs up, and the handler ends", async () => {
    const hangUp = new AbortController();
    const ended = callAll("WAIT", { signal: hangUp.signal });
    await until(() => waitingHandlers() === callers.size, "all handlers wait");
    hangUp.abort();
    for (const [way, { refusal }] of await ended) {
      expect(refusal?.code, way).to.equal("Canceled");
    }
    await until(() => waitingHandlers() === 0, "no handler waits");
  });
});
