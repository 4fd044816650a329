import { z } from "zod";
import { metadataShape, orderIdShape } from "./api.ts";
import type { CallLog } from "./call-log.ts";
import { PspFailure } from "./failures.ts";
import { type Call, json, type Reply, type Route, readJson } from "./http.ts";
import { type Ledger, sumRows } from "./ledger.ts";
import { expired, type PaymentStore } from "./payment-store.ts";
import { authenticate, cancel, capture, openPayment } from "./payments.ts";
import { type Scripts, scriptBody } from "./script.ts";
import type { Webhooks } from "./webhooks.ts";

const authorizeBody = z.strictObject({
  amount: z.int().positive(),
  orderName: z.string().min(1).max(100).default("포인트 충전"),
  metadata: metadataShape.optional(),
  method: z.enum(["card", "easyPay", "virtualAccount", "declinedCard"]).default("card"),
});
const cancelBody = z.strictObject({
  amount: z.int().positive().optional(),
  reason: z.string().min(1).max(200).default("PSP 관리자 취소"),
});
const resendBody = z.strictObject({ orderId: orderIdShape, times: z.int().min(1).max(100).default(1) });
const emptyBody = z.strictObject({});

interface SimDeps {
  payments: PaymentStore;
  ledger: Ledger;
  scripts: Scripts;
  webhooks: Webhooks;
  callLog: CallLog;
}

/** Operations of the PSP's own side, which no real PSP offers, for tests and developers. */
export function createSim(deps: SimDeps): Route[] {
  const { payments, ledger, scripts, webhooks, callLog } = deps;

  async function script(call: Call): Promise<Reply> {
    scripts.set(orderOf(call), await readJson(call, scriptBody));
    return json({});
  }

  async function handleAuthorize(call: Call): Promise<Reply> {
    const { amount, orderName, metadata, method } = await readJson(call, authorizeBody);
    const record = openPayment(payments, {
      orderId: orderOf(call),
      orderName,
      amount,
      metadata,
      successUrl: "",
      failUrl: "",
    });
    authenticate(payments, record, method);
    return json({ paymentKey: record.payment.paymentKey });
  }

  async function handleCancel(call: Call): Promise<Reply> {
    const { amount, reason } = await readJson(call, cancelBody);
    const record = payments.get(call.params.paymentKey ?? "");
    cancel(payments, record, { amount, reason }, 0);
    return json(record.payment);
  }

  async function expire(call: Call): Promise<Reply> {
    await readJson(call, emptyBody);
    const record = payments.get(call.params.paymentKey ?? "");
    if (!["READY", "IN_PROGRESS", "EXPIRED"].includes(record.payment.status)) {
      throw new PspFailure("FORBIDDEN_REQUEST");
    }
    if (record.payment.status !== "EXPIRED") {
      payments.change(record, expired);
    }
    return json(record.payment);
  }

  async function deposit(call: Call): Promise<Reply> {
    await readJson(call, emptyBody);
    const record = payments.get(call.params.paymentKey ?? "");
    if (record.payment.status !== "WAITING_FOR_DEPOSIT") {
      throw new PspFailure("FORBIDDEN_REQUEST");
    }
    capture(payments, record);
    return json(record.payment);
  }

  async function resend(call: Call): Promise<Reply> {
    const { orderId, times } = await readJson(call, resendBody);
    webhooks.queue(payments.getByOrder(orderId).payment, { times, delayMs: 0 });
    return json({ times });
  }

  function showLedger({ url }: Call): Reply {
    const orderId = url.searchParams.get("orderId");
    const rows = orderId === null ? ledger.rows : ledger.rows.filter(row => row.orderId === orderId);
    return json({ totals: sumRows(rows), rows });
  }

  function showCharge(call: Call): Reply {
    const orderId = orderOf(call);
    return json({
      payments: payments.ofOrder(orderId).map(record => record.payment),
      calls: callLog.of(orderId),
    });
  }

  return [
    { method: "GET", path: "/sim/ledger", handle: showLedger },
    { method: "GET", path: "/sim/webhooks", handle: () => json({ pending: webhooks.pending() }) },
    { method: "GET", path: "/sim/charges/:orderId", handle: showCharge },
    { method: "POST", path: "/sim/charges/:orderId/script", handle: script },
    { method: "POST", path: "/sim/charges/:orderId/authorize", handle: handleAuthorize },
    { method: "POST", path: "/sim/payments/:paymentKey/cancel", handle: handleCancel },
    { method: "POST", path: "/sim/payments/:paymentKey/expire", handle: expire },
    { method: "POST", path: "/sim/payments/:paymentKey/deposit", handle: deposit },
    { method: "POST", path: "/sim/webhooks/resend", handle: resend },
  ];
}

function orderOf(call: Call): string {
  const orderId = orderIdShape.safeParse(call.params.orderId);
  if (!orderId.success) {
    throw new PspFailure("INVALID_REQUEST");
  }
  return orderId.data;
}
