import {
  type AdjustPointsRequest,
  LedgerAccount,
  type PointAdminService,
} from "#gen/questioncloud/point/v1/point_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import { userIdOf } from "#kit/context.ts";
import type { Tx } from "#kit/database.ts";
import type { Floor } from "#kit/floor.ts";
import type { Handler } from "#kit/route.ts";
import { limitExceeded, notEnoughPoint, requestIdReused } from "../failures.ts";
import { type Transfer, walletLimitPoints } from "../ledger.ts";
import { type Adjustment, insertAdjustment } from "../store/adjustments.ts";
import { post } from "../store/post.ts";
import { findBalance } from "../store/wallets.ts";
import { toWallet } from "../wallet.ts";

export function adjustPoints({
  database,
}: Dependencies): Handler<typeof PointAdminService.method.adjustPoints> {
  return (request, context) =>
    database.transaction(async tx => {
      const wanted = toAdjustment(request);
      const known = await insertAdjustment(tx, userIdOf(context), wanted);
      if (known === undefined) {
        await adjust(tx, wanted);
        const { userId, account, deltaPoints, reason } = wanted;
        await writeAudit(tx, context, {
          action: "point.adjust",
          subject: userId.toString(),
          detail: { request_id: wanted.requestId, account, delta_points: deltaPoints.toString(), reason },
        });
      } else if (!isSame(known, wanted)) {
        throw requestIdReused();
      }
      return { wallet: toWallet(await findBalance(tx, wanted.userId)) };
    });
}

function toAdjustment({ requestId, userId, account, deltaPoints, reason }: AdjustPointsRequest): Adjustment {
  return {
    requestId,
    userId,
    account: account === LedgerAccount.PAID ? "PAID" : "BONUS",
    deltaPoints,
    reason,
  };
}

async function adjust(tx: Tx, { requestId, userId, account, deltaPoints }: Adjustment): Promise<void> {
  const isGift = deltaPoints > 0n;
  const transfer: Transfer = isGift
    ? { from: "ADJUSTMENTS", to: account, amountPoints: deltaPoints }
    : { from: account, to: "ADJUSTMENTS", amountPoints: -deltaPoints };
  const posting = { type: "ADJUSTMENT", reference: requestId, userId, transfers: [transfer] } as const;
  if (await post(tx, posting, isGift ? { limitPoints: walletLimitPoints } : {})) {
    return;
  }
  if (isGift) {
    throw limitExceeded(walletLimitPoints);
  }
  const { paidPoints, bonusPoints } = await findBalance(tx, userId);
  const availablePoints = account === "PAID" ? paidPoints : bonusPoints;
  throw notEnoughPoint({ requiredPoints: -deltaPoints, availablePoints });
}

function isSame(one: Adjustment, other: Adjustment): boolean {
  return (
    one.userId === other.userId &&
    one.account === other.account &&
    one.deltaPoints === other.deltaPoints &&
    one.reason === other.reason
  );
}

type Dependencies = Pick<Floor, "database">;
