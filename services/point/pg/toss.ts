import type { Pg, PgAnswer, PgCancel, PgConfirm } from "./pg.ts";
import { createTossClient, type TossClient } from "./toss-http.ts";
import { createTossOutcomes, type TossLog } from "./toss-outcomes.ts";
import { answerOf, type TossPayment, toPayment, tossPayment } from "./toss-payment.ts";
import { listTossTransactions } from "./toss-transactions.ts";
import { parseTossWebhook } from "./toss-webhook.ts";

export interface TossOptions {
  /** Only its origin counts: `https://api.tosspayments.com`, or the simulator. */
  baseUrl: string;
  secretKey: string;
  /** Over one HTTP request, connecting and reading together; Toss asks for 60 s, the default. */
  timeoutMs?: number;
  log?: TossLog;
}

/** Toss Payments, API version 2022-11-16. A confirm or cancel may make a second request, to ask for the payment. */
export function createTossPg(options: TossOptions): Pg {
  const call = createTossClient({ ...options, timeoutMs: options.timeoutMs ?? 60_000 });
  const outcomes = createTossOutcomes(options.log);
  return {
    find: chargeId => find(call, outcomes, chargeId),
    confirm: request => confirm(call, outcomes, request),
    cancel: request => cancel(call, outcomes, request),
    listTransactions: day => listTossTransactions(call, day),
    verifyWebhook: (_headers, rawBody) => parseTossWebhook(rawBody),
  };
}

type Outcomes = ReturnType<typeof createTossOutcomes>;

async function find(call: TossClient, outcomes: Outcomes, chargeId: string): Promise<PgAnswer> {
  const path = `/v1/payments/orders/${encodeURIComponent(chargeId)}`;
  const reply = await call({ method: "GET", path, shape: tossPayment });
  if (reply.kind !== "body") return outcomes.ofQuestion(reply, { chargeId });
  return reply.body.orderId === chargeId
    ? answerOf(reply.body)
    : outcomes.ofMismatch({ chargeId }, reply.body);
}

async function confirm(call: TossClient, outcomes: Outcomes, request: PgConfirm): Promise<PgAnswer> {
  const { chargeId, paymentKey, amountPoints, idempotencyKey } = request;
  const reply = await call({
    method: "POST",
    path: "/v1/payments/confirm",
    body: { paymentKey, orderId: chargeId, amount: toAmount(amountPoints) },
    idempotencyKey,
    shape: tossPayment,
  });
  if (reply.kind === "body") {
    return isOf(request, reply.body) ? answerOf(reply.body) : outcomes.ofMismatch(request, reply.body);
  }
  return outcomes.ofChange(reply, request, async () => {
    const found = await find(call, outcomes, chargeId);
    const hasMoney = found.outcome === "succeeded" || found.outcome === "reversed";
    const differs = hasMoney && found.payment.amountPoints !== amountPoints;
    return differs ? outcomes.ofMismatch(request, found.payment) : found;
  });
}

async function cancel(call: TossClient, outcomes: Outcomes, request: PgCancel): Promise<PgAnswer> {
  const { paymentKey, reason, idempotencyKey, expectedBalancePoints } = request;
  const path = `/v1/payments/${encodeURIComponent(paymentKey)}`;
  const reply = await call({
    method: "POST",
    path: `${path}/cancel`,
    body: {
      cancelReason: reason,
      cancelAmount: toAmount(request.amountPoints),
      ...(expectedBalancePoints !== undefined && { refundableAmount: toAmount(expectedBalancePoints) }),
    },
    idempotencyKey,
    shape: tossPayment,
  });
  if (reply.kind === "body") {
    if (!isCancelledBy(request, reply.body)) return outcomes.ofMismatch(request, reply.body);
    return { outcome: "succeeded", payment: toPayment(reply.body) };
  }
  return outcomes.ofChange(reply, request, async () => {
    const found = await call({ method: "GET", path, shape: tossPayment });
    if (found.kind !== "body") return outcomes.ofQuestion(found, request);
    return found.body.paymentKey === paymentKey
      ? answerOf(found.body)
      : outcomes.ofMismatch(request, found.body);
  });
}

function isOf({ chargeId, paymentKey, amountPoints }: PgConfirm, got: TossPayment): boolean {
  return (
    got.orderId === chargeId && got.paymentKey === paymentKey && BigInt(got.totalAmount) === amountPoints
  );
}

/** Whether the payment's last movement is the cancel that was asked for. */
function isCancelledBy({ paymentKey, amountPoints }: PgCancel, got: TossPayment): boolean {
  const cancels = got.cancels ?? [];
  const last =
    cancels.find(({ transactionKey }) => transactionKey === got.lastTransactionKey) ?? cancels.at(-1);
  return got.paymentKey === paymentKey && last !== undefined && BigInt(last.cancelAmount) === amountPoints;
}

/** @throws RangeError for an amount that JSON cannot carry exactly. */
function toAmount(points: bigint): number {
  if (points <= 0n || points > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`amount out of range: ${points}`);
  }
  return Number(points);
}
