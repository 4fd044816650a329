import { z } from "zod";
import { metadataShape, orderIdShape } from "./api.ts";
import { PspFailure } from "./failures.ts";
import { type Call, type Reply, type Route, readText } from "./http.ts";
import { renderNotice, renderPaymentPage } from "./page-html.ts";
import type { PaymentRecord } from "./payment.ts";
import type { PaymentStore } from "./payment-store.ts";
import { abort, authenticate, openPayment } from "./payments.ts";

const query = z.object({
  clientKey: z.string().max(200),
  orderId: orderIdShape,
  orderName: z.string().min(1).max(100),
  amount: z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .transform(Number),
  metadata: z.string().transform(parseJson).pipe(metadataShape).optional(),
  successUrl: z.string().max(2_000),
  failUrl: z.string().max(2_000),
});

const form = z.object({
  paymentKey: z.string().max(200),
  action: z.enum(["pay", "cancel"]),
  method: z.enum(["card", "easyPay", "declinedCard"]).default("card"),
});

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
}

interface PageDeps {
  clientKey: string;
  /** Origins to which a buyer may be sent back. */
  allowedOrigins: readonly string[];
  payments: PaymentStore;
}

/** The payment window: the buyer chooses a method and is sent back to the shop. */
export function createPage({ clientKey, allowedOrigins, payments }: PageDeps): Route[] {
  function show({ url }: Call): Reply {
    const parsed = query.safeParse(Object.fromEntries(url.searchParams));
    if (!parsed.success) {
      return notice(400, "결제 요청이 올바르지 않습니다.");
    }
    const request = parsed.data;
    if (request.clientKey !== clientKey) {
      return notice(401, "인증되지 않은 클라이언트 키입니다.");
    }
    if (!isAllowed(request.successUrl, allowedOrigins) || !isAllowed(request.failUrl, allowedOrigins)) {
      return notice(400, "허용되지 않은 이동 주소입니다.");
    }
    try {
      const { payment } = openPayment(payments, request);
      return html(200, renderPaymentPage(payment));
    } catch (error) {
      if (error instanceof PspFailure) {
        return notice(error.status, error.message);
      }
      throw error;
    }
  }

  async function submit(call: Call): Promise<Reply> {
    const parsed = form.safeParse(Object.fromEntries(new URLSearchParams(await readText(call.request))));
    if (!parsed.success) {
      return notice(400, "결제 요청이 올바르지 않습니다.");
    }
    const record = findRecord(payments, parsed.data.paymentKey);
    if (record === undefined || record.successUrl === "") {
      return notice(404, "존재하지 않는 결제입니다.");
    }
    const { action, method } = parsed.data;
    return action === "cancel"
      ? abandon(payments, record)
      : (pay(payments, record, method) ?? notice(409, "이미 처리된 결제입니다."));
  }

  const securityHeaders = createSecurityHeaders(allowedOrigins);
  const html = (status: number, body: string): Reply => ({
    kind: "answer",
    answer: { status, body },
    contentType: "text/html; charset=utf-8",
    headers: securityHeaders,
  });
  const notice = (status: number, text: string) => html(status, renderNotice(text));

  return [
    { method: "GET", path: "/pay", handle: show },
    { method: "POST", path: "/pay", handle: submit },
  ];
}

/**
 * Sends the buyer back to the shop. A second click does the same. Undefined where the payment can no longer be made.
 */
function pay(
  payments: PaymentStore,
  record: PaymentRecord,
  method: z.infer<typeof form>["method"],
): Reply | undefined {
  const { payment } = record;
  if (payment.status === "READY") {
    authenticate(payments, record, method);
  }
  if (payment.status === "EXPIRED") {
    return leave(record, "PAY_PROCESS_ABORTED", "결제 시간이 만료되었습니다.");
  }
  if (payment.status !== "IN_PROGRESS") {
    return undefined;
  }
  const { paymentKey, orderId, totalAmount } = payment;
  return redirect(record.successUrl, {
    paymentType: "NORMAL",
    orderId,
    paymentKey,
    amount: String(totalAmount),
  });
}

function abandon(payments: PaymentStore, record: PaymentRecord): Reply {
  const code = "PAY_PROCESS_CANCELED";
  const message = "사용자에 의해 결제가 취소되었습니다.";
  if (record.payment.status === "READY") {
    abort(payments, record, { code, message });
  }
  return leave(record, code, message);
}

function createSecurityHeaders(allowedOrigins: readonly string[]) {
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    // The browser applies form-action to the redirect after the form too.
    `form-action 'self' ${allowedOrigins.join(" ")}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

function findRecord(payments: PaymentStore, paymentKey: string): PaymentRecord | undefined {
  try {
    return payments.get(paymentKey);
  } catch {
    return undefined;
  }
}

function isAllowed(target: string, origins: readonly string[]): boolean {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") {
    return false;
  }
  return ["http:", "https:"].includes(url.protocol) && origins.includes(url.origin);
}

function leave(record: PaymentRecord, code: string, message: string): Reply {
  return redirect(record.failUrl, { code, message, orderId: record.payment.orderId });
}

function redirect(target: string, params: Record<string, string>): Reply {
  const url = new URL(target);
  for (const [name, value] of Object.entries(params)) {
    url.searchParams.set(name, value);
  }
  return {
    kind: "answer",
    answer: { status: 303, body: "" },
    headers: { location: url.href, "referrer-policy": "no-referrer" },
  };
}
