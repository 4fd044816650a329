import type { PointAdminService } from "#gen/questioncloud/point/v1/point_admin_pb.ts";
import { type Context, userIdOf } from "#kit/contract/context.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { type Adjustment, insertAdjustment } from "../db/adjustments.ts";
import { sumConfirming } from "../db/charges.ts";
import { post } from "../db/ledger.ts";
import { findBalance, lockWallet } from "../db/wallets.ts";
import { type Transfer, walletLimitPoints } from "../domain/ledger.ts";
import { limitExceeded, notEnoughPoint, requestIdReused } from "../failures.ts";
import { toAdjustment, toWallet } from "../to-proto.ts";

export function adjustPoints({
  database,
  users,
}: Dependencies): Handler<typeof PointAdminService.method.adjustPoints> {
  return async (request, context) => {
    const adjustment = toAdjustment(request, userIdOf(context));
    // A wallet belongs to a user: the call throws NOT_FOUND where there is none.
    await users.getUserStatus({ userId: adjustment.userId }, context);
    return database.transaction(async tx => {
      const known = await insertAdjustment(tx, adjustment);
      if (known === undefined) {
        await adjust(tx, adjustment);
        await audit(tx, context, adjustment);
      } else if (!isSame(known, adjustment)) {
        throw requestIdReused();
      }
      return { wallet: toWallet(await findBalance(tx, adjustment.userId)) };
    });
  };
}

async function adjust(tx: Tx, { adjustmentId, userId, account, deltaPoints }: Adjustment): Promise<void> {
  const isGift = deltaPoints > 0n;
  const transfer: Transfer = isGift
    ? { from: "ADJUSTMENTS", to: account, amountPoints: deltaPoints }
    : { from: account, to: "ADJUSTMENTS", amountPoints: -deltaPoints };
  const posting = { type: "ADJUSTMENT", reference: adjustmentId, userId, transfers: [transfer] } as const;
  if (await post(tx, posting, isGift ? { limitPoints: await lockRoom(tx, userId) } : {})) {
    return;
  }
  if (isGift) {
    throw limitExceeded(walletLimitPoints);
  }
  const { paidPoints, bonusPoints } = await findBalance(tx, userId);
  const availablePoints = account === "PAID" ? paidPoints : bonusPoints;
  throw notEnoughPoint({ requiredPoints: -deltaPoints, availablePoints });
}

/** What the wallet may have at most, so that charges that are being paid still fit; no other one starts meanwhile. */
async function lockRoom(tx: Tx, userId: bigint): Promise<bigint> {
  await lockWallet(tx, userId);
  return walletLimitPoints - (await sumConfirming(tx, userId));
}

async function audit(tx: Tx, context: Context, adjustment: Adjustment): Promise<void> {
  const { adjustmentId, requestId, userId, account, deltaPoints, reason } = adjustment;
  await writeAudit(tx, context, {
    action: "point.adjust",
    subject: userId.toString(),
    detail: {
      adjustment_id: adjustmentId,
      request_id: requestId,
      account,
      delta_points: deltaPoints.toString(),
      reason,
    },
  });
}

function isSame(one: Adjustment, other: Adjustment): boolean {
  return (
    one.userId === other.userId &&
    one.account === other.account &&
    one.deltaPoints === other.deltaPoints &&
    one.reason === other.reason
  );
}

type Dependencies = Pick<App, "database" | "users">;
