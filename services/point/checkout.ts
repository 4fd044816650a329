import type { Checkout } from "#gen/questioncloud/point/v1/point_pb.ts";
import type { PointConfig } from "./config.ts";

/** What a client needs to send the buyer to the payment page. */
export function checkoutOf(
  { chargeId, amountPoints }: { chargeId: string; amountPoints: bigint },
  config: CheckoutConfig,
): Omit<Checkout, "$typeName"> {
  const orderName = `포인트 ${amountPoints.toLocaleString("ko-KR")}점`;
  const url = new URL(config.POINT_PG_CHECKOUT_URL);
  const fields = {
    clientKey: config.POINT_PG_CLIENT_KEY,
    orderId: chargeId,
    orderName,
    amount: amountPoints.toString(),
    successUrl: new URL("/charge/success", config.POINT_SITE_URL).href,
    failUrl: new URL("/charge/fail", config.POINT_SITE_URL).href,
  };
  for (const [name, value] of Object.entries(fields)) {
    url.searchParams.set(name, value);
  }
  return { url: url.href, clientKey: config.POINT_PG_CLIENT_KEY, orderName };
}

/** The variables that shape a checkout. */
export type CheckoutConfig = Pick<
  PointConfig,
  "POINT_PG_CHECKOUT_URL" | "POINT_PG_CLIENT_KEY" | "POINT_SITE_URL"
>;
