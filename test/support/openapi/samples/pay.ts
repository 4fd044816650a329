import { randomUUID } from "node:crypto";
import { type SampleCalls, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of pay. */
export default function payCalls(): SampleCalls {
  const basket = { lines: [{ questionId: unknownId }] };
  return {
    "pay.v1.PaymentService/QuotePurchase": user({ basket }, "UNAVAILABLE_QUESTION"),
    "pay.v1.PaymentService/PurchaseQuestions": user(
      { requestId: randomUUID(), basket, consentToImmediateUse: true },
      "UNAVAILABLE_QUESTION",
    ),
    "pay.v1.PaymentService/GetPurchase": user({ requestId: randomUUID() }, "NOT_FOUND"),
    "pay.v1.PaymentService/ListPurchases": user({ pageSize: 5 }),
  };
}
