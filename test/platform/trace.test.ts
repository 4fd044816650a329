import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { queueOf, subscribersOf } from "#kit/contract/event.ts";
import { type Buyer, createMarket } from "../support/market/market.ts";
import { bearer, createCaller } from "../support/rpc/callers.ts";
import { type OtlpReceiver, type Span, startOtlpReceiver } from "../support/stack/otlp.ts";
import { startTestStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const { purchaseQuestions, getPurchase } = PaymentService.method;
const queues = subscribersOf(QuestionsPurchasedSchema).map(service =>
  queueOf(QuestionsPurchasedSchema, service),
);

describe("a trace", () => {
  let collector: OtlpReceiver;
  let stack: Stack;
  let buyer: Buyer;
  let questionId: bigint;

  before(async () => {
    collector = await startOtlpReceiver();
    stack = await startTestStack({
      processes: true,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl,
        OTEL_BSP_SCHEDULE_DELAY: "100",
        GATEWAY_OTEL_ADDRESS: collector.grpcAddress,
        LOG_LEVEL: "debug",
      },
    });
    const market = await createMarket(stack, { questionCount: 1 });
    questionId = market.questionIds[0] ?? 0n;
    buyer = await market.createBuyer(20_000n);
  });
  after(async () => {
    await stack?.stop();
    await collector?.stop();
  });

  /** A trace that the client starts. */
  function startTrace() {
    const traceId = randomBytes(16).toString("hex");
    const spanId = randomBytes(8).toString("hex");
    return {
      traceId,
      spanId,
      headers: { ...bearer(buyer.token), traceparent: `00-${traceId}-${spanId}-01` },
    };
  }
  const find = (traceId: string, service: string, name: string) =>
    collector.spansOf(traceId).find(span => span.service === service && span.name.includes(name));
  const wait = (traceId: string, service: string, name: string) =>
    until(() => find(traceId, service, name), `${service} has exported the span ${name}`);
  /** The spans above a span, the nearest first. */
  function ancestorsOf(span: Span): Span[] {
    const parent = collector.spansOf(span.traceId).find(({ spanId }) => spanId === span.parentSpanId);
    return parent === undefined ? [] : [parent, ...ancestorsOf(parent)];
  }
  /** The spans above a span, once Envoy has exported them, which it does every five seconds. */
  const waitForGateway = (span: Span) =>
    until(() => {
      const above = ancestorsOf(span);
      return above.length > 0 && above;
    }, "the gateway has exported its spans");
  const pathTo = (span: Span) => ancestorsOf(span).map(({ service, kind }) => `${service} ${kind}`);

  it("connects the gateway, calls, outbox, queues and subscribers", async () => {
    const { traceId, spanId, headers } = startTrace();
    const caller = createCaller("connect-web", stack.gatewayUrl ?? "");
    const request = create(purchaseQuestions.input, {
      requestId: crypto.randomUUID(),
      basket: { lines: [{ questionId }] },
      consentToImmediateUse: true,
    });
    const { refusal } = await caller.call(purchaseQuestions, request, { headers });
    expect(refusal).to.equal(undefined);

    const served = await wait(traceId, "pay", "PaymentService/PurchaseQuestions");
    expect(served.kind).to.equal("server");
    const gateway = await waitForGateway(served);
    expect(new Set(gateway.map(({ service }) => service))).to.deep.equal(new Set(["gateway"]));
    expect(gateway.at(-1)?.parentSpanId).to.equal(spanId);

    for (const [service, method] of [
      ["user", "UserDirectoryService/GetUserStatus"],
      ["question", "CatalogService/QuoteQuestions"],
      ["question", "EntitlementService/ReserveEntitlements"],
      ["point", "WalletService/ReservePoints"],
      ["point", "ReservationService/ConfirmReservation"],
    ] as const) {
      const span = await wait(traceId, service, method);
      expect(span.kind, method).to.equal("server");
      expect(pathTo(span).slice(0, 2), method).to.deep.equal(["pay client", "pay server"]);
      expect(ancestorsOf(span)[1]?.spanId, method).to.equal(served.spanId);
    }

    for (const queue of queues) {
      const service = queue.split("-")[0] ?? "";
      const span = await wait(traceId, service, `process ${queue}`);
      expect(span.kind, queue).to.equal("consumer");
      expect(pathTo(span)[0], queue).to.equal("pay producer");
      expect(ancestorsOf(span), queue).to.deep.include(served);
    }

    const known = new Set(collector.spansOf(traceId).map(span => span.spanId));
    for (const span of collector.spansOf(traceId)) {
      expect([...known, spanId], `${span.service} ${span.name}`).to.include(span.parentSpanId);
    }
  });

  it("reaches a grpc listener through the gateway, and its id is in the logs", async () => {
    const { traceId, spanId, headers } = startTrace();
    const caller = createCaller("grpc-js", stack.gatewayUrl ?? "");
    const request = create(getPurchase.input, { by: { case: "requestId", value: crypto.randomUUID() } });
    const { refusal } = await caller.call(getPurchase, request, { headers });
    caller.close();
    expect(refusal?.reason).to.equal("NOT_FOUND");
    const served = await wait(traceId, "pay", "PaymentService/GetPurchase");
    expect(served.kind).to.equal("server");
    const gateway = await waitForGateway(served);
    expect(gateway.map(({ service }) => service)).to.include("gateway");
    expect(gateway.at(-1)?.parentSpanId).to.equal(spanId);
    const log = readFileSync(join(stack.dir, "logs/pay.log"), "utf8");
    const lines = log.split("\n").filter(line => line.includes(traceId));
    expect(lines.some(line => line.includes("PaymentService/GetPurchase"))).to.equal(true);
  });

  it("is exported completely when a service stops", async () => {
    const { traceId, headers } = startTrace();
    await stack.restart("coupon", { OTEL_BSP_SCHEDULE_DELAY: "60000" });
    const caller = createCaller("connect-web", `http://127.0.0.1:${stack.ports.services.coupon?.http}`);
    const { listUserCoupons } = CouponService.method;
    await caller.call(listUserCoupons, undefined, { headers });
    expect(find(traceId, "coupon", "ListUserCoupons")).to.equal(undefined);
    await stack.processes.get("coupon")?.stop();
    await wait(traceId, "coupon", "CouponService/ListUserCoupons");
  });
});
