import type { Tx } from "#kit/database.ts";
import { changeOf } from "../ledger.ts";
import { insertEntries, type Posting } from "./ledger.ts";
import { type ChangeConditions, changeBalance, lockWallet } from "./wallets.ts";

/**
 * Writes transfers and changes the wallet by their sum. The wallet comes last, so that its lock is held for one statement and the commit.
 * Returns false where the wallet does not allow the change; the transaction must then be given up.
 */
export async function post(tx: Tx, posting: Posting, conditions: ChangeConditions = {}): Promise<boolean> {
  const change = changeOf(posting.transfers);
  await insertEntries(tx, posting);
  if (await changeBalance(tx, posting.userId, change, conditions)) {
    return true;
  }
  await lockWallet(tx, posting.userId);
  return changeBalance(tx, posting.userId, change, conditions);
}
