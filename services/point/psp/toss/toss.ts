import type { Psp, PspAdapter, PspAnswer, PspCancel, PspConfirm, PspLog, PspOptions } from "../psp.ts";
import { mayBlameKey } from "./answers.ts";
import { tossCheckout, tossReturnNames } from "./checkout.ts";
import { type TossConfig, tossConfig } from "./config.ts";
import { createTossClient, type TossClient } from "./http.ts";
import { createTossOutcomes } from "./outcomes.ts";
import { answerOf, type TossPayment, toPayment, tossPayment } from "./payment.ts";
import { listTossTransactions } from "./transactions.ts";
import { parseTossWebhook } from "./webhook.ts";

/** Toss Payments, API version 2022-11-16. */
export const toss = {
  config: tossConfig,
  open: (config: TossConfig, { log }: PspOptions) => createTossPsp(config, log),
} satisfies PspAdapter;

/** A confirm or cancel may make a second request, to ask for the payment. */
export function createTossPsp(config: TossConfig, log: PspLog): Psp {
  const call = createTossClient(config);
  const outcomes = createTossOutcomes(log);
  return {
    name: "toss",
    find: (chargeId, signal) => find(stoppedBy(call, signal), outcomes, chargeId),
    confirm: (request, signal) => confirm(stoppedBy(call, signal), outcomes, request),
    cancel: (request, signal) => cancel(stoppedBy(call, signal), outcomes, request),
    listTransactions: (day, signal) => listTossTransactions(stoppedBy(call, signal), day),
    parseWebhook: (_headers, rawBody) => parseTossWebhook(rawBody),
    // Toss does not sign payment webhooks, and repeats each until it is answered with 200.
    webhookStatus: outcome => (outcome === "limited" ? 429 : 200),
    checkout: order => tossCheckout(config, order),
    returnNames: tossReturnNames,
  };
}

function stoppedBy(call: TossClient, signal: AbortSignal | undefined): TossClient {
  return signal === undefined ? call : request => call({ ...request, signal });
}

type Outcomes = ReturnType<typeof createTossOutcomes>;

async function find(call: TossClient, outcomes: Outcomes, chargeId: string): Promise<PspAnswer> {
  const path = `/v1/payments/orders/${encodeURIComponent(chargeId)}`;
  const reply = await call({ method: "GET", path, shape: tossPayment });
  if (reply.kind !== "body") {
    return outcomes.ofQuestion(reply, { chargeId });
  }
  return reply.body.orderId === chargeId
    ? answerOf(reply.body)
    : outcomes.ofMismatch({ chargeId }, reply.body);
}

async function confirm(call: TossClient, outcomes: Outcomes, request: PspConfirm): Promise<PspAnswer> {
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
  const query = async () => {
    const found = await find(call, outcomes, chargeId);
    const hasMoney = found.outcome === "succeeded" || found.outcome === "reversed";
    const differs = hasMoney && found.payment.amountPoints !== amountPoints;
    return differs ? outcomes.ofMismatch(request, found.payment) : found;
  };
  if (reply.kind === "error" && mayBlameKey(reply.code) && !(await canPay(call, request))) {
    return withoutPayment(request, await query());
  }
  return outcomes.ofChange(reply, request, query);
}

/**
 * False where Toss has no payment of this key, or one that can never pay this charge. The key comes from the buyer, who
 * may have made it up, or paid another order or amount with it.
 */
async function canPay(
  call: TossClient,
  { chargeId, paymentKey, amountPoints }: PspConfirm,
): Promise<boolean> {
  const path = `/v1/payments/${encodeURIComponent(paymentKey)}`;
  const reply = await call({ method: "GET", path, shape: tossPayment });
  if (reply.kind === "body") {
    const { orderId, totalAmount, status } = reply.body;
    const isOpenOrPaid = !["READY", "ABORTED", "EXPIRED"].includes(status);
    return isOpenOrPaid && orderId === chargeId && BigInt(totalAmount) === amountPoints;
  }
  return !(reply.kind === "error" && reply.code === "NOT_FOUND_PAYMENT");
}

/** What the state of an order means for a key that cannot pay it. */
function withoutPayment({ paymentKey }: PspConfirm, found: PspAnswer): PspAnswer {
  const hasEnded = found.outcome === "declined" && found.payment?.paymentKey === paymentKey;
  const isUnpaid = found.outcome === "declined" || found.outcome === "notYet";
  return isUnpaid && !hasEnded ? { outcome: "unknownKey" } : found;
}

async function cancel(call: TossClient, outcomes: Outcomes, request: PspCancel): Promise<PspAnswer> {
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
    if (!isCancelledBy(request, reply.body)) {
      return outcomes.ofMismatch(request, reply.body);
    }
    return { outcome: "succeeded", payment: toPayment(reply.body) };
  }
  return outcomes.ofChange(reply, request, async () => {
    const found = await call({ method: "GET", path, shape: tossPayment });
    if (found.kind !== "body") {
      return outcomes.ofQuestion(found, request);
    }
    return found.body.paymentKey === paymentKey
      ? answerOf(found.body)
      : outcomes.ofMismatch(request, found.body);
  });
}

function isOf({ chargeId, paymentKey, amountPoints }: PspConfirm, got: TossPayment): boolean {
  return (
    got.orderId === chargeId && got.paymentKey === paymentKey && BigInt(got.totalAmount) === amountPoints
  );
}

/** True where the payment's last movement is the requested cancel. */
function isCancelledBy({ paymentKey, amountPoints }: PspCancel, got: TossPayment): boolean {
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
