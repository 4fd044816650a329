import type { Database } from "#kit/data/database.ts";
import { insertCharge } from "./db/charges.ts";
import { findCompared } from "./db/compared-days.ts";
import { recordDiscrepancy, resolveMissingCredit } from "./db/discrepancies.ts";
import { lockWallet } from "./db/wallets.ts";
import { type PackageLetter, packagePoints } from "./domain/packages.ts";
import type { Psp } from "./psp/psp.ts";

/** A payment that a PSP captured, and of which the ledger has no charge. */
export interface LostPayment {
  readonly provider: string;
  readonly chargeId: string;
  readonly amountPoints: bigint;
  readonly captureTime: Date;
  /** What has to be entered; where that is not known, what only a person can find out. */
  readonly charge: LostCharge | { readonly problem: string };
}

interface LostCharge {
  readonly userId: bigint;
  readonly package: PackageLetter;
}

/**
 * The payments of one Korean day of which the ledger has no charge, because its database was restored to an earlier
 * point. What was given back to the buyer is left out. Changes nothing.
 */
export async function* findLostPayments(
  database: Database,
  psp: Psp,
  day: string,
  isKnownUser: (userId: bigint) => Promise<boolean>,
): AsyncIterable<LostPayment> {
  for await (const row of psp.listTransactions(day)) {
    if (row.kind !== "capture" || (await findCompared(database, [row.chargeId])).length > 0) {
      continue;
    }
    const charge = await askWhose(psp, row.chargeId, isKnownUser);
    if (charge !== undefined) {
      const { chargeId, amountPoints, at: captureTime } = row;
      yield { provider: psp.name, chargeId, amountPoints, captureTime, charge };
    }
  }
}

/** Undefined where the buyer has the money back. */
async function askWhose(
  psp: Psp,
  chargeId: string,
  isKnownUser: (userId: bigint) => Promise<boolean>,
): Promise<LostPayment["charge"] | undefined> {
  const answer = await psp.find(chargeId);
  if (answer.outcome === "reversed" && answer.payment.balancePoints === 0n) {
    return undefined;
  }
  if (answer.outcome !== "succeeded") {
    return { problem: `the PSP says ${answer.outcome}` };
  }
  const { userId, amountPoints } = answer.payment;
  const letters = Object.keys(packagePoints) as PackageLetter[];
  const chosen = letters.find(letter => packagePoints[letter] === amountPoints);
  if (userId === undefined) {
    return { problem: "the payment names no user" };
  }
  if (chosen === undefined) {
    return { problem: `user ${userId} paid an amount that is no package` };
  }
  return (await isKnownUser(userId)) ? { userId, package: chosen } : { problem: `user ${userId} is unknown` };
}

/**
 * Enters the charge of a lost payment as an order whose time is over: the reconciler asks the PSP about it and credits
 * it, once. Where that is not possible, the payment becomes a discrepancy for an administrator.
 */
export function enterLostPayment(database: Database, lost: LostPayment): Promise<void> {
  const { provider, chargeId, amountPoints, charge } = lost;
  return database.transaction(async tx => {
    if ("problem" in charge) {
      const amounts = { ourAmountPoints: 0n, pspAmountPoints: amountPoints };
      return recordDiscrepancy(tx, { kind: "MISSING_CREDIT", chargeId, ...amounts });
    }
    await lockWallet(tx, charge.userId);
    await insertCharge(tx, { ...charge, provider, chargeId, requestId: chargeId, lifetimeMs: 0 });
    await resolveMissingCredit(tx, chargeId, "its charge was lost and has been entered again");
  });
}
