import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { App } from "./app.ts";
import { markCharged } from "./db/charge-moves.ts";
import { post } from "./db/ledger.ts";
import type { Charge } from "./domain/charge-rules.ts";
import type { PspPayment } from "./psp/psp.ts";

/**
 * Credits a paid charge once: state, ledger, wallet and event in one transaction. The limit of a wallet does not
 * apply, because the money was taken. Returns false where the charge was credited before.
 */
export async function creditCharge(
  { outbox }: Pick<App, "outbox">,
  tx: Tx,
  charge: Charge,
  payment: PspPayment,
): Promise<boolean> {
  const { chargeId, userId, amountPoints } = charge;
  const chargeTime = await markCharged(tx, charge, payment);
  if (chargeTime === undefined) {
    return false;
  }
  const transfers = [{ from: "PSP_CLEARING", to: "PAID", amountPoints }] as const;
  if (!(await post(tx, { type: "CHARGE", reference: chargeId, userId, transfers }))) {
    throw new Error("the wallet did not take the points of a paid charge");
  }
  await outbox.append(tx, PointsChargedSchema, {
    chargeId,
    userId,
    amountPoints,
    chargeTime: timestampFromDate(chargeTime),
    receiptUrl: payment.receiptUrl ?? "",
  });
  return true;
}
