import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { CallLog } from "./call-log.ts";
import { PspFailure } from "./failures.ts";
import { type Answer, answerOf, type Call, json, type Reply, type Route, readJson } from "./http.ts";
import type { Idempotency } from "./idempotency.ts";
import type { Ledger } from "./ledger.ts";
import type { PaymentRecord } from "./payment.ts";
import type { PaymentStore } from "./payment-store.ts";
import { abort, cancel, capture, checkConfirm } from "./payments.ts";
import type { Scripts } from "./script.ts";
import { perform, type Work } from "./scripted.ts";
import { listTransactions } from "./transactions.ts";

export const orderIdShape = z.string().regex(/^[A-Za-z0-9_-]{6,64}$/);
/** What an order may carry, and its payment shows. */
export const metadataShape = z
  .record(z.string().max(40), z.string().max(500))
  .refine(fields => Object.keys(fields).length <= 5);
const amountShape = z.int().positive();

const confirmBody = z.object({
  paymentKey: z.string().min(1).max(200),
  orderId: orderIdShape,
  amount: amountShape,
});
const cancelBody = z.object({
  cancelReason: z.string().min(1).max(200),
  cancelAmount: amountShape.optional(),
  refundableAmount: z.int().min(0).optional(),
});

interface ApiDeps {
  secretKey: string;
  payments: PaymentStore;
  ledger: Ledger;
  scripts: Scripts;
  idempotency: Idempotency;
  callLog: CallLog;
}

/** The merchants' API, as far as card and account payments need it. */
export function createApi(deps: ApiDeps): Route[] {
  const { payments, scripts, idempotency, callLog } = deps;

  async function handleConfirm(call: Call): Promise<Reply> {
    const key = idempotencyKey(call);
    const held = idempotency.begin(key, scopeOf(call));
    return refusable(held, async () => {
      const body = await readJson(call, confirmBody);
      callLog.add(body.orderId, {
        call: "confirm",
        idempotencyKey: key,
        replayed: held.replay !== undefined,
      });
      if (held.replay !== undefined) {
        return { kind: "answer", answer: held.replay };
      }
      return perform(scripts.take(body.orderId, "confirm"), confirmWork(payments, body), held);
    });
  }

  async function handleCancel(call: Call): Promise<Reply> {
    const key = idempotencyKey(call);
    const held = idempotency.begin(key, scopeOf(call));
    return refusable(held, async () => {
      const body = await readJson(call, cancelBody);
      const record = payments.get(call.params.paymentKey ?? "");
      const { orderId } = record.payment;
      callLog.add(orderId, { call: "cancel", idempotencyKey: key, replayed: held.replay !== undefined });
      if (held.replay !== undefined) {
        return { kind: "answer", answer: held.replay };
      }
      const work = {
        run() {
          const { cancelAmount: amount, cancelReason: reason, refundableAmount } = body;
          cancel(payments, record, { amount, reason, refundableAmount });
          return answerOf(record.payment);
        },
      };
      return perform(scripts.take(orderId, "cancel"), work, held);
    });
  }

  function find(orderId: string, read: () => unknown): Promise<Reply> {
    callLog.add(orderId, { call: "find", idempotencyKey: undefined, replayed: false });
    return perform(scripts.take(orderId, "find"), { run: () => answerOf(read()) }, unstored);
  }

  const routes: Route[] = [
    { method: "POST", path: "/v1/payments/confirm", handle: handleConfirm },
    { method: "POST", path: "/v1/payments/:paymentKey/cancel", handle: handleCancel },
    {
      method: "GET",
      path: "/v1/payments/orders/:orderId",
      handle: ({ params }) =>
        find(params.orderId ?? "", () => payments.getByOrder(params.orderId ?? "").payment),
    },
    {
      method: "GET",
      path: "/v1/payments/:paymentKey",
      handle({ params }) {
        const record = payments.get(params.paymentKey ?? "");
        return find(record.payment.orderId, () => record.payment);
      },
    },
    {
      method: "GET",
      path: "/v1/transactions",
      handle: ({ url }) => json(listTransactions(deps.ledger.rows, url, scripts.transactionsOf)),
    },
  ];
  return routes.map(route => ({
    ...route,
    handle(call) {
      authorize(call.request, deps.secretKey);
      return route.handle(call);
    },
  }));
}

function confirmWork(payments: PaymentStore, request: z.infer<typeof confirmBody>): Work {
  function finish(record: PaymentRecord): Answer {
    capture(payments, record);
    return answerOf(record.payment);
  }
  return {
    run: () => finish(checkConfirm(payments, request)),
    abort: failure => abort(payments, checkConfirm(payments, request), failure),
    later() {
      const record = checkConfirm(payments, request);
      const release = payments.hold(record);
      return () => {
        release();
        return finish(record);
      };
    },
  };
}

const unstored = { replay: undefined, store: () => {}, forget: () => {} };

/** A refusal before any work is an answer too, and is stored like one. */
async function refusable(held: ReturnType<Idempotency["begin"]>, run: () => Promise<Reply>): Promise<Reply> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PspFailure)) {
      held.forget();
      throw error;
    }
    const answer = held.replay ?? answerOf({ code: error.code, message: error.message }, error.status);
    if (held.replay === undefined) {
      held.store(answer);
    }
    return { kind: "answer", answer };
  }
}

function authorize(request: IncomingMessage, secretKey: string): void {
  const [scheme, encoded = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic") {
    throw new PspFailure("UNAUTHORIZED_KEY");
  }
  const credentials = Buffer.from(encoded, "base64").toString("utf8");
  if (!credentials.includes(":")) {
    throw new PspFailure("INCORRECT_BASIC_AUTH_FORMAT");
  }
  if (!timingSafeEqual(digest(credentials), digest(`${secretKey}:`))) {
    throw new PspFailure("UNAUTHORIZED_KEY");
  }
}

function idempotencyKey(call: Call): string | undefined {
  const header = call.request.headers["idempotency-key"];
  return Array.isArray(header) ? header.join(",") : header;
}

function scopeOf(call: Call) {
  const credentials = digest(call.request.headers.authorization ?? "").toString("base64url");
  return { credentials, method: call.method, url: call.url.pathname + call.url.search };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
