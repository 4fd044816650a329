import { writeAudit } from "#kit/data/audit.ts";
import type { Database, Tx } from "#kit/data/database.ts";
import { insertCharge } from "./db/charges.ts";
import { findCompared } from "./db/compared-days.ts";
import { recordDiscrepancy, resolveMissingCredit } from "./db/discrepancies.ts";
import { lockWallet } from "./db/wallets.ts";
import { type PackageLetter, packagePoints } from "./domain/packages.ts";
import type { OwnerSignatures } from "./owner-signatures.ts";
import type { Psp, PspPayment, PspTransaction } from "./psp/psp.ts";

/** A payment that a PSP captured, and of which the ledger has no charge. */
export interface LostPayment {
  readonly provider: string;
  /** The order id at the PSP; of a row that cannot be read, what else names it. */
  readonly chargeId: string;
  /** Zero where the row cannot be read. */
  readonly amountPoints: bigint;
  readonly captureTime: Date | undefined;
  /** What has to be entered; where that is not known, what only a person can find out. */
  readonly charge: LostCharge | LeftPayment;
}

interface LostCharge {
  readonly userId: bigint;
  readonly package: PackageLetter;
}

interface LeftPayment {
  readonly kind: "MISSING_CREDIT" | "UNREADABLE";
  readonly problem: string;
}

/** How it is found out whose a payment is. */
interface Owners {
  readonly signatures: Pick<OwnerSignatures, "verify">;
  isKnown(userId: bigint): Promise<boolean>;
}

/**
 * The payments of one Korean day of which the ledger has no charge, because its database was restored to an earlier
 * point. What was given back to the buyer is left out. Changes nothing.
 */
export async function* findLostPayments(
  database: Database,
  psp: Psp,
  day: string,
  owners: Owners,
): AsyncIterable<LostPayment> {
  for await (const row of psp.listTransactions(day)) {
    const chargeId = row.kind === "unreadable" ? row.reference : row.chargeId;
    if (row.kind === "cancel" || (await findCompared(database, [chargeId])).length > 0) {
      continue;
    }
    const payment = { provider: psp.name, chargeId };
    if (row.kind === "unreadable") {
      const charge = { kind: "UNREADABLE", problem: "the PSP's row cannot be read" } as const;
      yield { ...payment, amountPoints: 0n, captureTime: undefined, charge };
      continue;
    }
    const charge = await askWhose(psp, row, owners);
    if (charge !== undefined) {
      yield { ...payment, amountPoints: row.amountPoints, captureTime: row.at, charge };
    }
  }
}

/** Undefined where the buyer has the money back. */
async function askWhose(
  psp: Psp,
  row: PspTransaction,
  owners: Owners,
): Promise<LostPayment["charge"] | undefined> {
  const answer = await psp.find(row.chargeId);
  if (answer.outcome === "reversed" && answer.payment.balancePoints === 0n) {
    return undefined;
  }
  if (answer.outcome !== "succeeded") {
    return left(`the PSP says ${answer.outcome}`);
  }
  const { payment } = answer;
  if (payment.paymentKey !== row.paymentKey || payment.amountPoints !== row.amountPoints) {
    return left("the PSP's list names another payment than the PSP finds");
  }
  return judgeOwner(psp, payment, owners);
}

async function judgeOwner(psp: Psp, payment: PspPayment, owners: Owners): Promise<LostPayment["charge"]> {
  const { chargeId, owner, amountPoints } = payment;
  if (owner === undefined) {
    return left("the payment names no user");
  }
  const { userId, signature } = owner;
  if (signature === undefined) {
    return left(`user ${userId} is not signed`);
  }
  if (!owners.signatures.verify({ provider: psp.name, chargeId, userId, amountPoints }, signature)) {
    return left(`user ${userId} is signed for another payment, or by somebody else`);
  }
  const letters = Object.keys(packagePoints) as PackageLetter[];
  const chosen = letters.find(letter => packagePoints[letter] === amountPoints);
  if (chosen === undefined) {
    return left(`user ${userId} paid an amount that is no package`);
  }
  return (await owners.isKnown(userId)) ? { userId, package: chosen } : left(`user ${userId} is unknown`);
}

function left(problem: string): LeftPayment {
  return { kind: "MISSING_CREDIT", problem };
}

/**
 * Enters the charge of a lost payment as an order whose time is over: the reconciler asks the PSP about it and credits
 * it, once. Where that is not possible, the payment becomes a discrepancy for an administrator.
 */
export function enterLostPayment(database: Database, lost: LostPayment): Promise<void> {
  const { chargeId, amountPoints, charge } = lost;
  return database.transaction(tx => {
    if ("problem" in charge) {
      const amounts = { ourAmountPoints: 0n, pspAmountPoints: amountPoints };
      return recordDiscrepancy(tx, { kind: charge.kind, chargeId, ...amounts });
    }
    return enterCharge(tx, lost, charge);
  });
}

async function enterCharge(tx: Tx, lost: LostPayment, charge: LostCharge): Promise<void> {
  const { provider, chargeId, amountPoints } = lost;
  await lockWallet(tx, charge.userId);
  if ((await findCompared(tx, [chargeId])).length > 0) {
    // The same command entered it meanwhile.
    return;
  }
  // Its own request id is lost; a new one is none that the buyer uses.
  await insertCharge(tx, { ...charge, provider, chargeId, requestId: crypto.randomUUID(), lifetimeMs: 0 });
  await resolveMissingCredit(tx, chargeId, "its charge was lost and has been entered again");
  const detail = { userId: `${charge.userId}`, amountPoints: `${amountPoints}`, provider };
  await writeAudit(tx, "command", { action: "point.recover-charge", subject: chargeId, detail });
}
