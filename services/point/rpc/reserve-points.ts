import type { WalletService } from "#gen/questioncloud/point/v1/internal_wallet_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Tx } from "#kit/data/database.ts";
import { reserve } from "#kit/data/reservation.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { post } from "../db/ledger.ts";
import { findBalance, lockBalance } from "../db/wallets.ts";
import { type Balance, holdTransfers } from "../domain/ledger.ts";
import { notEnoughPoint } from "../failures.ts";

/**
 * The wallet is read without a lock and changed on condition that the same decision still holds, so that many
 * purchases of one user do not wait for one another. Where the condition fails, the second try locks the wallet and
 * cannot fail that way.
 */
export function reservePoints({
  database,
}: Dependencies): Handler<typeof WalletService.method.reservePoints> {
  return async ({ purchaseId, amountPoints }, context) => {
    const hold = { purchaseId, userId: userIdOf(context), amountPoints };
    const reservation = { id: purchaseId, userId: hold.userId, content: amountPoints.toString() };
    const reserveWith = (readBalance: BalanceReader) =>
      database.transaction(tx =>
        reserve(tx, reservation, () => holdPoints(tx, hold, readBalance, { isLast: true })),
      );
    await reserveWith(findBalance).catch((error: unknown) => {
      if (!(error instanceof WalletMoved)) {
        throw error;
      }
      return reserveWith(lockBalance);
    });
    return {};
  };
}

type BalanceReader = (tx: Tx, userId: bigint) => Promise<Balance>;

class WalletMoved extends Error {}

/** Holds points for a purchase in the wallet that `readBalance` reads; `isLast` commits the transaction with that. */
export async function holdPoints(
  tx: Tx,
  { purchaseId, userId, amountPoints }: { purchaseId: string; userId: bigint; amountPoints: bigint },
  readBalance: BalanceReader,
  { isLast = false } = {},
): Promise<void> {
  const balance = await readBalance(tx, userId);
  const transfers = holdTransfers(balance, amountPoints);
  if (transfers === undefined) {
    const availablePoints = balance.paidPoints + balance.bonusPoints;
    throw notEnoughPoint({ requiredPoints: amountPoints, availablePoints });
  }
  const emptiesBonus = transfers.some(({ from }) => from === "PAID");
  const posting = { type: "HOLD", reference: purchaseId, userId, transfers } as const;
  if (!(await post(tx, posting, { emptiesBonus, isLast }))) {
    throw new WalletMoved();
  }
}

type Dependencies = Pick<App, "database">;
