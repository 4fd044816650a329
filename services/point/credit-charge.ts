import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import { failpoint } from "#kit/failpoint.ts";
import type { Floor } from "#kit/floor.ts";
import type { PgPayment } from "./pg/pg.ts";
import type { ClaimedCharge } from "./store/charge-claims.ts";
import { markCharged } from "./store/charge-outcomes.ts";
import { post } from "./store/post.ts";

/**
 * Credits a paid charge once: state, ledger, wallet and event in one transaction. The limit of a wallet does not hold here, because the money
 * was taken. Returns false where the charge was credited before.
 */
export async function creditCharge(
  { database, outbox }: Dependencies,
  charge: ClaimedCharge,
  payment: PgPayment,
): Promise<boolean> {
  const { chargeId, userId, amountPoints } = charge;
  await failpoint("charge.paid");
  return database.transaction(async tx => {
    const chargeTime = await markCharged(tx, charge, payment);
    if (chargeTime === undefined) {
      return false;
    }
    const transfers = [{ from: "PG_CLEARING", to: "PAID", amountPoints }] as const;
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
  });
}

type Dependencies = Pick<Floor, "database" | "outbox">;
