import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type PurchaseSchema, PurchaseState } from "#gen/questioncloud/pay/v1/pay_pb.ts";
import type { StoredPurchase } from "./store/purchases.ts";

/** A purchase as the contract says it. */
export function toPurchase(purchase: StoredPurchase): MessageInitShape<typeof PurchaseSchema> {
  const { purchaseId, requestId, state, quote, cancel, createTime, finishTime } = purchase;
  return {
    purchaseId,
    requestId,
    state: PurchaseState[state],
    quote,
    cancelReason: cancel?.reason ?? "",
    createTime: timestampFromDate(createTime),
    ...(finishTime === undefined ? {} : { finishTime: timestampFromDate(finishTime) }),
  };
}
