import * as z from "zod";
import type { PspAnswer, PspPayment, PspPaymentStatus } from "../psp.ts";

export const tossStatus = z.enum([
  "READY",
  "IN_PROGRESS",
  "WAITING_FOR_DEPOSIT",
  "DONE",
  "CANCELED",
  "PARTIAL_CANCELED",
  "ABORTED",
  "EXPIRED",
]);

const amount = z.int().min(0);
export const tossTime = z.iso.datetime({ offset: true }).transform(text => new Date(text));

/** The part of Toss's Payment object that we rely on; the rest may change. */
export const tossPayment = z.object({
  paymentKey: z.string().min(1).max(200),
  orderId: z.string().min(1).max(64),
  status: tossStatus,
  currency: z.literal("KRW"),
  totalAmount: amount,
  balanceAmount: amount,
  method: z.string().max(50).nullish(),
  approvedAt: tossTime.nullish(),
  receipt: z.object({ url: z.string().max(2_000) }).nullish(),
  failure: z.object({ code: z.string().max(200), message: z.string().max(2_000) }).nullish(),
  lastTransactionKey: z.string().max(200).nullish(),
  // The buyer's browser passes it on: what is not ours is as good as none.
  metadata: z
    .object({
      userId: z
        .string()
        .regex(/^[1-9]\d{0,17}$/)
        .transform(BigInt),
      ownerSignature: z.string().max(100).optional().catch(undefined),
    })
    .nullish()
    .catch(undefined),
  cancels: z
    .array(z.object({ transactionKey: z.string().max(200), cancelAmount: amount, cancelReason: z.string() }))
    .max(1_000)
    .nullish(),
});

export const tossError = z.object({ code: z.string().min(1).max(200), message: z.string().max(2_000) });

export type TossPayment = z.infer<typeof tossPayment>;

const statuses: Record<TossPayment["status"], PspPaymentStatus> = {
  READY: "opened",
  IN_PROGRESS: "authorized",
  WAITING_FOR_DEPOSIT: "awaitingDeposit",
  DONE: "captured",
  CANCELED: "cancelled",
  PARTIAL_CANCELED: "partlyCancelled",
  ABORTED: "aborted",
  EXPIRED: "expired",
};

export function toPayment(toss: TossPayment): PspPayment {
  return {
    chargeId: toss.orderId,
    owner: toss.metadata
      ? { userId: toss.metadata.userId, signature: toss.metadata.ownerSignature }
      : undefined,
    paymentKey: toss.paymentKey,
    status: statuses[toss.status],
    amountPoints: BigInt(toss.totalAmount),
    balancePoints: BigInt(toss.balanceAmount),
    method: toss.method ?? undefined,
    approvedAt: toss.approvedAt ?? undefined,
    receiptUrl: toss.receipt?.url,
    cancels: (toss.cancels ?? []).map(cancel => ({
      transactionKey: cancel.transactionKey,
      amountPoints: BigInt(cancel.cancelAmount),
      reason: cancel.cancelReason,
    })),
  };
}

/** What a payment's state says about its charge. */
export function answerOf(toss: TossPayment): PspAnswer {
  const payment = toPayment(toss);
  switch (toss.status) {
    case "DONE":
      return { outcome: "succeeded", payment };
    case "CANCELED":
    case "PARTIAL_CANCELED":
      return { outcome: "reversed", payment };
    case "ABORTED":
    case "EXPIRED":
      return {
        outcome: "declined",
        code: toss.failure?.code ?? toss.status,
        message: toss.failure?.message ?? "",
        payment,
      };
    case "READY":
    case "IN_PROGRESS":
    case "WAITING_FOR_DEPOSIT":
      return { outcome: "notYet", payment };
  }
}
