import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import type { ConfirmChargeRequest, PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import type { UserDirectoryService } from "#gen/questioncloud/user/v1/mesh_pb.ts";
import { UserStatus } from "#gen/questioncloud/user/v1/user_pb.ts";
import { type Context, userIdOf } from "#kit/context.ts";
import { failpoint } from "#kit/failpoint.ts";
import { Failure } from "#kit/failure.ts";
import type { Floor } from "#kit/floor.ts";
import type { Neighbour } from "#kit/neighbour.ts";
import type { Handler } from "#kit/route.ts";
import type { PointConfig } from "../config.ts";
import {
  chargeExpired,
  chargeNotFound,
  limitExceeded,
  notActive,
  paymentDiffers,
  tooBusy,
  userUnknown,
} from "../failures.ts";
import { totalOf, walletLimitPoints } from "../ledger.ts";
import type { Pursuits } from "../pursuits.ts";
import { beginConfirm, hint } from "../store/charge-claims.ts";
import { findOwnCharge, type StoredCharge, sumConfirming } from "../store/charges.ts";
import { findBalance } from "../store/wallets.ts";

export function confirmCharge(parts: Dependencies): Handler<typeof PointService.method.confirmCharge> {
  const { database, pursuits, wakeReconciler } = parts;
  return async (request, context) => {
    const userId = userIdOf(context);
    const { chargeId, paymentKey, amountPoints } = request;
    const ordered = await findMatching(parts, userId, request);
    if (ordered.state === "ORDERED") {
      if (pursuits.isFull) {
        throw tooBusy();
      }
      await requireActive(parts, context);
      await requireRoom(parts, userId, amountPoints);
      const claim = pursuits.claim();
      if (await beginConfirm(database, { chargeId, userId, amountPoints, paymentKey }, claim)) {
        await failpoint("charge.confirming");
        await withinWait(parts, context, pursuits.begin(chargeId, claim, "confirm"));
      }
    } else if (ordered.state === "CONFIRMING" && (await hint(database, chargeId))) {
      wakeReconciler();
    }
    const { charge, state } = await findMatching(parts, userId, request);
    if (state === "ORDERED" || state === "EXPIRED") {
      throw chargeExpired();
    }
    return { charge };
  };
}

/** The caller's charge, if amount and payment key are its own. */
async function findMatching(
  { database }: Dependencies,
  userId: bigint,
  { chargeId, paymentKey, amountPoints }: ConfirmChargeRequest,
): Promise<StoredCharge> {
  const found = await findOwnCharge(database, userId, chargeId);
  if (found === undefined) {
    throw chargeNotFound();
  }
  const isOther = found.paymentKey !== undefined && found.paymentKey !== paymentKey;
  if (isOther || found.charge.amountPoints !== amountPoints) {
    throw paymentDiffers();
  }
  return found;
}

async function requireActive({ users }: Dependencies, context: Context): Promise<void> {
  const { status } = await users
    .getUserStatus({ userId: userIdOf(context) }, context)
    .catch((error: unknown) => {
      throw error instanceof Failure && error.reason === Reason.NOT_FOUND ? notActive() : userUnknown(error);
    });
  if (status !== UserStatus.ACTIVE) {
    throw notActive();
  }
}

async function requireRoom({ database }: Dependencies, userId: bigint, amountPoints: bigint): Promise<void> {
  const present = totalOf(await findBalance(database, userId));
  const coming = await sumConfirming(database, userId);
  if (present + coming + amountPoints > walletLimitPoints) {
    throw limitExceeded(walletLimitPoints);
  }
}

// The pursuit goes on when nobody waits for it any more; the caller then reads that the outcome is open.
async function withinWait(
  { config }: Dependencies,
  { deadlineMs, signal }: Context,
  pursuit: Promise<void>,
): Promise<void> {
  const waitMs = Math.min(config.POINT_CONFIRM_WAIT_MS, deadlineMs - Date.now() - answerMarginMs);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>(resolve => {
    timer = setTimeout(resolve, Math.max(0, waitMs));
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([pursuit, limit]);
  clearTimeout(timer);
}

const answerMarginMs = 500;

interface Dependencies extends Pick<Floor, "database"> {
  readonly users: Neighbour<typeof UserDirectoryService>;
  readonly pursuits: Pursuits;
  readonly wakeReconciler: () => void;
  readonly config: Pick<PointConfig, "POINT_CONFIRM_WAIT_MS">;
}
