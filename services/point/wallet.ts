import type { Wallet } from "#gen/questioncloud/point/v1/point_pb.ts";
import type { Balance } from "./ledger.ts";

/** A balance as the contract says it. */
export function toWallet({ paidPoints, bonusPoints, heldPoints }: Balance): Omit<Wallet, "$typeName"> {
  return { balancePoints: paidPoints + bonusPoints, paidPoints, bonusPoints, heldPoints };
}
