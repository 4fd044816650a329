import type { PspCheckout, PspOrder, PspReturnNames } from "../psp.ts";
import type { TossConfig } from "./config.ts";

/** The payment page of Toss takes an order in its query. */
export function tossCheckout(
  { checkoutUrl, clientKey }: Pick<TossConfig, "checkoutUrl" | "clientKey">,
  { chargeId, owner, amountPoints, orderName, successUrl, failUrl }: PspOrder,
): PspCheckout {
  const url = new URL(checkoutUrl);
  const fields = {
    clientKey,
    orderId: chargeId,
    orderName,
    amount: amountPoints.toString(),
    metadata: JSON.stringify({ userId: `${owner.userId}`, ownerSignature: owner.signature }),
    successUrl: successUrl.href,
    failUrl: failUrl.href,
  };
  for (const [name, value] of Object.entries(fields)) {
    url.searchParams.set(name, value);
  }
  return { url: url.href, clientKey };
}

/** What Toss adds to the success URL. */
export const tossReturnNames: PspReturnNames = {
  chargeId: "orderId",
  paymentKey: "paymentKey",
  amountPoints: "amount",
};
