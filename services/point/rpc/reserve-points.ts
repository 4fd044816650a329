import type { WalletService } from "#gen/questioncloud/point/v1/mesh_pb.ts";
import { userIdOf } from "#kit/context.ts";
import type { Tx } from "#kit/database.ts";
import type { Floor } from "#kit/floor.ts";
import { reserveOnce } from "#kit/reservation.ts";
import type { Handler } from "#kit/route.ts";
import { notEnoughPoint } from "../failures.ts";
import { holdTransfers } from "../ledger.ts";
import { post } from "../store/post.ts";
import { findBalance, lockBalance } from "../store/wallets.ts";

/**
 * The wallet is read without a lock and changed on condition that what was read still decides the same, so that many purchases of one user do
 * not wait for one another. Where the condition fails, the second try locks the wallet and cannot fail that way.
 */
export function reservePoints({
  database,
}: Dependencies): Handler<typeof WalletService.method.reservePoints> {
  return async ({ purchaseId, amountPoints }, context) => {
    const hold = { purchaseId, userId: userIdOf(context), amountPoints };
    const reserve = (readBalance: typeof findBalance | typeof lockBalance) =>
      database.transaction(tx =>
        reserveOnce(tx, { id: purchaseId, userId: hold.userId, content: amountPoints.toString() }, () =>
          holdPoints(tx, hold, readBalance),
        ),
      );
    await reserve(findBalance).catch((error: unknown) => {
      if (!(error instanceof WalletMoved)) {
        throw error;
      }
      return reserve(lockBalance);
    });
    return {};
  };
}

class WalletMoved extends Error {}

async function holdPoints(
  tx: Tx,
  { purchaseId, userId, amountPoints }: { purchaseId: string; userId: bigint; amountPoints: bigint },
  readBalance: (tx: Tx, userId: bigint) => ReturnType<typeof findBalance>,
): Promise<void> {
  const balance = await readBalance(tx, userId);
  const transfers = holdTransfers(balance, amountPoints);
  if (transfers === undefined) {
    const availablePoints = balance.paidPoints + balance.bonusPoints;
    throw notEnoughPoint({ requiredPoints: amountPoints, availablePoints });
  }
  const emptiesBonus = transfers.some(({ from }) => from === "PAID");
  if (!(await post(tx, { type: "HOLD", reference: purchaseId, userId, transfers }, { emptiesBonus }))) {
    throw new WalletMoved();
  }
}

type Dependencies = Pick<Floor, "database">;
