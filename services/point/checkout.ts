import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CheckoutSchema } from "#gen/questioncloud/point/v1/point_pb.ts";
import type { App } from "./app.ts";
import type { Charge } from "./domain/charge-rules.ts";

/** What a client needs to send the buyer to the payment page. */
export function checkoutOf(
  { psps, ownerSignatures, config: { siteUrl } }: Pick<App, "psps" | "ownerSignatures" | "config">,
  charge: Charge,
): MessageInitShape<typeof CheckoutSchema> {
  const { chargeId, userId, amountPoints } = charge;
  const psp = psps.named(charge.provider);
  const owner = { userId, signature: ownerSignatures.sign(charge) };
  const orderName = `포인트 ${amountPoints.toLocaleString("ko-KR")}점`;
  // The success page is the same for every PSP: the query names the parameters in which the PSP returns the fields of
  // ConfirmCharge.
  const successUrl = new URL("/charge/success", siteUrl);
  for (const [field, name] of Object.entries(psp.returnNames)) {
    successUrl.searchParams.set(`${field}Name`, name);
  }
  const failUrl = new URL("/charge/fail", siteUrl);
  return { ...psp.checkout({ chargeId, owner, amountPoints, orderName, successUrl, failUrl }), orderName };
}
