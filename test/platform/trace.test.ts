import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { queueOf, subscribersOf } from "#kit/contract/event.ts";
import { type Buyer, createMarket, type Market } from "../support/market/market.ts";
import { bearer, createCaller } from "../support/rpc/callers.ts";
import { completeLines } from "../support/stack/complete-lines.ts";
import type { OtlpReceiver, Span } from "../support/stack/otlp.ts";
import { type ReplicaProcess, startReplica } from "../support/stack/replica.ts";
import { stopTracedStack, tracedStack } from "../support/stack/traced-stack.ts";
import { until } from "../support/stack/until.ts";

const { purchaseQuestions, getPurchase } = PaymentService.method;
const { listUserCoupons, registerCoupon } = CouponService.method;
const queues = subscribersOf(QuestionsPurchasedSchema).map(service =>
  queueOf(QuestionsPurchasedSchema, service),
);

describe("a trace", () => {
  let collector: OtlpReceiver;
  let stack: Stack;
  let market: Market;
  let buyer: Buyer;
  let questionId: bigint;

  before(async () => {
    ({ stack, collector } = await tracedStack());
    market = await createMarket(stack, { questionCount: 1 });
    questionId = market.questionIds[0] ?? 0n;
    buyer = await market.createBuyer(20_000n);
  });
  after(stopTracedStack);

  /** A trace that the client starts. */
  function startTrace({ token } = buyer) {
    const traceId = randomBytes(16).toString("hex");
    const spanId = randomBytes(8).toString("hex");
    return {
      traceId,
      spanId,
      headers: { ...bearer(token), traceparent: `00-${traceId}-${spanId}-01` },
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
  /** The spans above a span, once they are exported, which Envoy does every five seconds. */
  const waitForAncestors = (span: Span, count = 1) =>
    until(() => {
      const above = ancestorsOf(span);
      return above.length >= count && above;
    }, "the spans above it are exported");
  /** The spans of the gateway above a span, up to the one below the span of the client. */
  const waitForGateway = (span: Span, clientSpanId: string) =>
    until(() => {
      const above = ancestorsOf(span);
      return above.at(-1)?.parentSpanId === clientSpanId && above;
    }, "the spans up to that of the client are exported");
  const pathTo = (span: Span) => ancestorsOf(span).map(({ service, kind }) => `${service} ${kind}`);

  /** Purchases the question through the gateway, in a trace of its own. */
  async function purchase(as = buyer) {
    const trace = startTrace(as);
    const caller = createCaller("connect-web", stack.gatewayUrl ?? "");
    const request = create(purchaseQuestions.input, {
      requestId: crypto.randomUUID(),
      basket: { lines: [{ questionId }] },
      consentToImmediateUse: true,
    });
    const { refusal } = await caller.call(purchaseQuestions, request, { headers: trace.headers });
    const served = await wait(trace.traceId, "pay", "PaymentService/PurchaseQuestions");
    return { ...trace, refusal, served };
  }

  it("connects the gateway, calls, outbox, queues and subscribers", async () => {
    const { traceId, spanId, refusal, served } = await purchase();
    expect(refusal).to.equal(undefined);
    expect(served.kind).to.equal("server");
    const gateway = await waitForGateway(served, spanId);
    expect(new Set(gateway.map(({ service }) => service))).to.deep.equal(new Set(["gateway"]));

    for (const [service, method] of [
      ["user", "UserDirectoryService/GetUserStatus"],
      ["question", "CatalogService/QuoteQuestions"],
      ["question", "EntitlementService/ReserveEntitlements"],
      ["point", "WalletService/ReservePoints"],
      ["question", "ReservationService/ConfirmReservation"],
    ] as const) {
      const span = await wait(traceId, service, method);
      expect(span.kind, method).to.equal("server");
      const above = await waitForAncestors(span, 2);
      expect(above[1]?.spanId, method).to.equal(served.spanId);
      expect(pathTo(span).slice(0, 2), method).to.deep.equal(["pay client", "pay server"]);
    }

    const created = await wait(traceId, "pay", "create pay-questions-purchased");
    expect([created.kind, created.parentSpanId]).to.deep.equal(["producer", served.spanId]);
    const published = await wait(traceId, "pay", "publish pay-questions-purchased");
    expect(published.parentSpanId).to.equal(created.spanId);
    expect(published.linkedSpanIds).to.deep.equal([created.spanId]);
    expect(published.attributes).to.include({ "messaging.batch.message_count": 1 });
    for (const queue of queues) {
      const service = queue.split("-")[0] ?? "";
      const span = await wait(traceId, service, `process ${queue}`);
      expect(span.kind, queue).to.equal("consumer");
      expect(span.parentSpanId, queue).to.equal(created.spanId);
      expect(span.attributes, queue).to.include({
        "messaging.system.name": "aws.sqs",
        "messaging.destination.name": queue,
        "questioncloud.event.id": created.attributes["messaging.message.id"],
        "questioncloud.event.subscriber": service,
        "questioncloud.event.outcome": "done",
      });
      const received = await until(
        () => collector.spans.find(({ name, linkedSpanIds }) => isPollOf(queue, name, linkedSpanIds)),
        `the poll of ${queue} has been exported`,
      );
      expect(received.service, queue).to.equal(service);
    }
    function isPollOf(queue: string, name: string, linkedSpanIds: readonly string[]): boolean {
      return name === `receive ${queue}` && linkedSpanIds.includes(created.spanId);
    }

    await until(() => {
      const spans = collector.spansOf(traceId);
      const known = new Set([spanId, ...spans.map(span => span.spanId)]);
      return spans.every(({ parentSpanId }) => known.has(parentSpanId));
    }, "the span above every span is exported");
  });

  it("includes the stores of each service", async () => {
    const { traceId, served } = await purchase(await market.createBuyer(20_000n));
    const statement = await wait(traceId, "pay", "INSERT purchase");
    expect(statement.parentSpanId).to.equal(served.spanId);
    expect(statement.attributes).to.deep.equal({
      "db.system.name": "mariadb",
      "db.namespace": "pay",
      "db.operation.name": "INSERT",
      "db.query.summary": "INSERT purchase",
      "db.collection.name": "purchase",
    });
    for (const [service, name, caller] of [
      ["pay", "INSERT purchase_line task", "PaymentService/PurchaseQuestions"],
      ["pay", "EVALSHA", "PaymentService/PurchaseQuestions"],
      ["pay", "INSERT outbox", "PaymentService/PurchaseQuestions"],
      ["pay", "bulkWrite purchase_history", "process pay-on-questions-purchased"],
      ["point", "SELECT reservation", "WalletService/ReservePoints"],
      ["creator", "INSERT inbox", "process creator-on-questions-purchased"],
    ] as const) {
      const span = await wait(traceId, service, name);
      expect(span.kind, name).to.equal("client");
      // A span ends before the one above it, which may be in a later export.
      expect((await waitForAncestors(span))[0]?.name, name).to.include(caller);
    }
  });

  it("marks a refusal as an error of the client, not of the server", async () => {
    const { traceId, refusal, served } = await purchase(await market.createBuyer());
    expect(refusal?.reason).to.equal("NOT_ENOUGH_POINT");
    expect(served.isError).to.equal(false);
    expect(served.attributes).to.include({
      "rpc.system.name": "connectrpc",
      "rpc.method": `${PaymentService.typeName}/PurchaseQuestions`,
      "rpc.status_code": "FAILED_PRECONDITION",
    });
    const callee = await wait(traceId, "point", "WalletService/ReservePoints");
    const [caller] = await waitForAncestors(callee);
    expect([callee.isError, caller?.isError]).to.deep.equal([false, true]);
    expect(callee.attributes).to.include({ "rpc.system.name": "grpc" });
    expect(caller?.attributes).to.include({
      "error.type": "FAILED_PRECONDITION",
      "server.address": "127.0.0.1",
    });
  });

  it("marks a call of an unknown method as an error of the server", async () => {
    const { traceId, headers } = startTrace();
    const url = `http://127.0.0.1:${stack.ports.services.pay?.http}/${PaymentService.typeName}/NoSuchMethod`;
    const answer = await fetch(url, { method: "POST", headers });
    expect(answer.status).to.equal(404);
    const span = await wait(traceId, "pay", "_OTHER");
    expect(span.isError).to.equal(true);
    expect(span.attributes).to.include({ "rpc.status_code": "UNIMPLEMENTED", "error.type": "UNIMPLEMENTED" });
    const line = await logLine(stack, traceId);
    expect(line).to.include({ reason: "METHOD_NOT_FOUND", requestId: answer.headers.get("x-request-id") });
  });

  it("reaches a grpc listener through the gateway; answer and log have its id", async () => {
    const { traceId, spanId, headers } = startTrace();
    const caller = createCaller("grpc-js", stack.gatewayUrl ?? "");
    const request = create(getPurchase.input, { by: { case: "requestId", value: crypto.randomUUID() } });
    const { refusal } = await caller.call(getPurchase, request, { headers });
    caller.close();
    expect(refusal).to.include({ reason: "NOT_FOUND", traceId });
    const served = await wait(traceId, "pay", "PaymentService/GetPurchase");
    expect(served.kind).to.equal("server");
    const gateway = await waitForGateway(served, spanId);
    expect(gateway.map(({ service }) => service)).to.include("gateway");
    const line = await logLine(stack, traceId);
    expect(line.method).to.equal(`${PaymentService.typeName}/GetPurchase`);
    expect(line).to.include({
      service: "pay",
      level: "info",
      requestId: refusal?.requestId,
      reason: "NOT_FOUND",
    });
  });

  it("is exported completely when a service stops", async () => {
    const { traceId, headers } = startTrace();
    const replica = await startReplica(stack, "coupon", { OTEL_BSP_SCHEDULE_DELAY: "60000" });
    const caller = createCaller("connect-web", replica.httpUrl);
    await caller.call(listUserCoupons, undefined, { headers });
    expect(find(traceId, "coupon", "ListUserCoupons")).to.equal(undefined);
    await replica.stop();
    await wait(traceId, "coupon", "CouponService/ListUserCoupons");
  });

  describe("that is not exported", () => {
    let replica: ReplicaProcess;

    before(async () => {
      replica = await startReplica(stack, "coupon", { OTEL_EXPORTER_OTLP_ENDPOINT: "" });
    });
    after(() => replica?.stop());

    for (const [kind, address] of [
      ["connect-web", () => replica.httpUrl],
      ["grpc-js", () => replica.grpcUrl],
    ] as const) {
      it(`is continued or started, and is in answers and logs, over ${kind}`, async () => {
        const caller = createCaller(kind, address());
        const { traceId, headers } = startTrace();
        const continued = await caller.call(registerCoupon, undefined, { headers });
        expect(continued.refusal).to.include({ reason: "BAD_REQUEST", traceId });
        const started = await caller.call(registerCoupon, undefined, { headers: bearer(buyer.token) });
        caller.close();
        expect(started.refusal?.traceId)
          .to.match(/^[0-9a-f]{32}$/)
          .and.not.equal(traceId);
        for (const { refusal } of [continued, started]) {
          const line = await findLine(replica.process.logFile, refusal?.traceId ?? "");
          expect(line).to.include({ reason: "BAD_REQUEST", requestId: refusal?.requestId });
        }
        expect(collector.spansOf(traceId)).to.deep.equal([]);
      });
    }
  });
});

function logLine(stack: Stack, traceId: string) {
  return findLine(join(stack.dir, "logs/all.log"), traceId);
}

/** The line of a call in a log. */
function findLine(file: string, traceId: string): Promise<Record<string, unknown>> {
  return until(() => {
    const line = completeLines(file).find(each => each.includes(traceId) && each.includes('"method"'));
    return line !== undefined && (JSON.parse(line) as Record<string, unknown>);
  }, `the log has a line of the trace ${traceId}`);
}
