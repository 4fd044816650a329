import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { QuestionsPurchased, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import {
  type PurchaseSchema,
  PurchaseState,
  type QuoteSchema,
} from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { Price } from "./domain/pricing.ts";
import type { Purchase } from "./domain/purchase.ts";

/** A price as its buyer sees it. */
export function toQuote({ lines, discounts, originalPoints, amountPoints }: Price): Init<typeof QuoteSchema> {
  return {
    lines: lines.map(line => ({ ...line })),
    discounts: discounts.map(discount => ({ ...discount })),
    originalPoints,
    amountPoints,
  };
}

/** A purchase as its buyer sees it. */
export function toPurchase(purchase: Purchase): Init<typeof PurchaseSchema> {
  const { purchaseId, requestId, state, cancelReason, createTime, finishTime } = purchase;
  return {
    purchaseId,
    requestId,
    state: PurchaseState[state],
    quote: toQuote(purchase),
    cancelReason: cancelReason ?? "",
    createTime: timestampFromDate(createTime),
    ...(finishTime === null ? {} : { finishTime: timestampFromDate(finishTime) }),
  };
}

/** A paid purchase as its buyer sees it, from the event. */
export function toPaidPurchase(event: QuestionsPurchased): Init<typeof PurchaseSchema> {
  const { purchaseId, requestId, lines, discounts, originalPoints, amountPoints, createTime, payTime } =
    event;
  const quote = {
    lines: lines.map(({ $typeName: _, ...line }) => line),
    discounts: discounts.map(({ $typeName: _, ...discount }) => discount),
    originalPoints,
    amountPoints,
  };
  return {
    purchaseId,
    requestId,
    state: PurchaseState.PAID,
    quote,
    ...(createTime === undefined ? {} : { createTime }),
    ...(payTime === undefined ? {} : { finishTime: payTime }),
  };
}

/** A paid purchase as an event. */
export function toPurchasedEvent(purchase: Purchase, payTime: Date): Init<typeof QuestionsPurchasedSchema> {
  const { purchaseId, userId, requestId, lines, discounts, originalPoints, amountPoints, createTime } =
    purchase;
  return {
    purchaseId,
    userId,
    requestId,
    lines: lines.map(line => ({ ...line })),
    discounts: discounts.map(discount => ({ ...discount })),
    originalPoints,
    amountPoints,
    createTime: timestampFromDate(createTime),
    payTime: timestampFromDate(payTime),
  };
}

type Init<Schema extends typeof PurchaseSchema | typeof QuoteSchema | typeof QuestionsPurchasedSchema> =
  MessageInitShape<Schema>;
